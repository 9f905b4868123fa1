"""Speaking UKG Pro: tokens bound to a tenant, the interlock, the planning calls, and what its answers mean.

For: being a correct client of UKG Pro, as a dialect describes it.
May touch: the transport it is handed.
May not: read configuration or the environment, know where projections come from.
"""
