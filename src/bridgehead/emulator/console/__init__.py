"""The admin console: UKG's screens for people, with the menus of the thread, rendered by the server.

For: an administrator of a tenant, with a browser, with or without scripts.
May touch: what `administration` changes, and what the store, the audit log and the planning data show of their tenant.
May not: show or change another tenant's things, or hold a rule of its own.
"""
