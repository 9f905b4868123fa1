// node-oidc-provider as its quick start has it: in memory, one client, access tokens as ES256 JWTs (RFC 9068).
import { generateKeyPairSync } from "node:crypto";
import Provider from "oidc-provider";

const port = Number(process.argv[2]);
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const scope = "workforce.planning.write";

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: "acme-headcount",
    client_secret: "acme-production-headcount-secret",
    grant_types: ["client_credentials"],
    redirect_uris: [],
    response_types: [],
    id_token_signed_response_alg: "ES256",
    token_endpoint_auth_method: "client_secret_basic",
  }],
  scopes: [scope],
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), use: "sig", alg: "ES256", kid: "one" }] },
  ttl: { ClientCredentials: 1800 },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => "https://api.example",
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope,
        accessTokenFormat: "jwt",
        accessTokenTTL: 1800,
        jwt: { sign: { alg: "ES256" } },
      }),
    },
  },
});

provider.listen(port, "127.0.0.1");
