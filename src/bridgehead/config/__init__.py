"""The configuration, `bridgehead.toml`: tenants, their environments and feeds, and where their secrets are.

For: turning a file that people write into settings that hold, or into an error that says where and how.
May touch: the configuration's file, the environment, the places that secret references name. Nobody else does.
May not: know what the settings are used for.
"""

from bridgehead.config.logins import KeptLogin
from bridgehead.config.reading import DEFAULT_PATH, Config, load
from bridgehead.config.secrets import LOOPBACK, notify_socket, proxy_for, secret_reader
from bridgehead.config.service import EmailSettings, NotifySettings, PersonSettings, RunSettings
from bridgehead.config.settings import (
    ControlSettings,
    EnvironmentSettings,
    FeedSettings,
    GuardrailSettings,
    OwnsSettings,
    RulesSettings,
    SourceSettings,
    TenantSettings,
)

__all__ = [
    "DEFAULT_PATH",
    "LOOPBACK",
    "Config",
    "ControlSettings",
    "EmailSettings",
    "EnvironmentSettings",
    "FeedSettings",
    "GuardrailSettings",
    "KeptLogin",
    "NotifySettings",
    "OwnsSettings",
    "PersonSettings",
    "RulesSettings",
    "RunSettings",
    "SourceSettings",
    "TenantSettings",
    "load",
    "notify_socket",
    "proxy_for",
    "secret_reader",
]
