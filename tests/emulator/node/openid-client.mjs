// openid-client: discovery, client credentials, a person's code with PKCE and the issuer's name, refresh, introspection,
// revocation.
import * as client from "openid-client";
import { planning, signIn } from "./people.mjs";

const { base, tenant, client: id, secret, scope } = JSON.parse(process.argv[2]);
const options = { algorithm: "oauth2", execute: [client.allowInsecureRequests] };
const seen = {};
const service = await client.discovery(new URL(base), id, undefined, client.ClientSecretPost(secret), options);
const granted = await client.clientCredentialsGrant(service, { scope, tenant_context: tenant });
seen.credentials = await planning(base, tenant, granted.access_token);
seen.active = (await client.tokenIntrospection(service, granted.access_token)).active;
await client.tokenRevocation(service, granted.access_token);
seen.revoked = await planning(base, tenant, granted.access_token);

const desk = await client.discovery(new URL(base), "acme-desk", undefined, client.None(), options);
const verifier = client.randomPKCECodeVerifier();
const asked = client.buildAuthorizationUrl(desk, {
  redirect_uri: "http://127.0.0.1:49152/callback", scope, tenant_context: tenant, state: "s",
  code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256",
});
const checks = { pkceCodeVerifier: verifier, expectedState: "s" };
const first = await client.authorizationCodeGrant(desk, await signIn(asked), checks);
seen.person = await planning(base, tenant, first.access_token);
const second = await client.refreshTokenGrant(desk, first.refresh_token);
seen.refreshed = await planning(base, tenant, second.access_token);
console.log(JSON.stringify(seen));
