"""What the authorization server answers when it refuses: exact by the RFCs, since clients act on it."""

from __future__ import annotations

import re


class OAuthError(Exception):
    """An error answer of RFC 6749 section 5.2 (or RFC 8707 for the tenant).

    description goes over the wire; reason goes into the audit log, where it may be exact. wait: seconds after which
    another try is looked at.
    """

    def __init__(
        self,
        error: str,
        description: str,
        *,
        status: int = 400,
        client_id: str = "",
        tenant_id: str = "",
        reason: str = "",
        wait: int = 0,
    ) -> None:
        super().__init__(description)
        self.error = error
        # RFC 6749 section 5.2 allows neither quotes, backslashes nor anything beyond ASCII here.
        self.description = re.sub(r"[^ !#-\[\]-~]", "?", description)
        self.status = status
        self.client_id = client_id
        self.tenant_id = tenant_id
        self.reason = reason or description
        self.wait = wait
