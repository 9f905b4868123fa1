"""The emulator beside its peers: tokens beside node-oidc-provider's, records beside a FastAPI server's."""
