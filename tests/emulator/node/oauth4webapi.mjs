// oauth4webapi: discovery, client credentials, a person's code with PKCE and the issuer's name, refresh, introspection,
// revocation, and client authentication by a signed assertion.
import * as oauth from "oauth4webapi";
import { planning, signIn } from "./people.mjs";

const { base, tenant, client, secret, scope, jwk } = JSON.parse(process.argv[2]);
const plain = { [oauth.allowInsecureRequests]: true };
const seen = {};
const found = await oauth.discoveryRequest(new URL(base), { algorithm: "oauth2", ...plain });
const server = await oauth.processDiscoveryResponse(new URL(base), found);

async function credentials(who, authentication) {
  const more = { scope, tenant_context: tenant };
  const answer = await oauth.clientCredentialsGrantRequest(server, who, authentication, more, plain);
  return (await oauth.processClientCredentialsResponse(server, who, answer)).access_token;
}

const service = { client_id: client };
const basic = oauth.ClientSecretBasic(secret);
const token = await credentials(service, basic);
seen.credentials = await planning(base, tenant, token);
const about = await oauth.introspectionRequest(server, service, basic, token, plain);
seen.active = (await oauth.processIntrospectionResponse(server, service, about)).active;
await oauth.processRevocationResponse(await oauth.revocationRequest(server, service, basic, token, plain));
seen.revoked = await planning(base, tenant, token);

const desk = { client_id: "acme-desk" };
const redirect = "http://127.0.0.1:49152/callback";
const verifier = oauth.generateRandomCodeVerifier();
const asked = new URL(server.authorization_endpoint);
asked.search = new URLSearchParams({
  client_id: desk.client_id, redirect_uri: redirect, response_type: "code", scope, tenant_context: tenant, state: "s",
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256",
});
const back = oauth.validateAuthResponse(server, desk, await signIn(asked), "s");
const none = oauth.None();
const code = await oauth.authorizationCodeGrantRequest(server, desk, none, back, redirect, verifier, plain);
const first = await oauth.processAuthorizationCodeResponse(server, desk, code);
seen.person = await planning(base, tenant, first.access_token);
const again = await oauth.refreshTokenGrantRequest(server, desk, none, first.refresh_token, plain);
seen.refreshed = await planning(base, tenant, (await oauth.processRefreshTokenResponse(server, desk, again)).access_token);

const key = await crypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
const signer = { client_id: "acme-auditor" };
const proof = oauth.PrivateKeyJwt({ key, kid: jwk.kid });
const signed = await oauth.clientCredentialsGrantRequest(server, signer, proof, {}, plain);
seen.assertion = (await oauth.processClientCredentialsResponse(server, signer, signed)).scope;
console.log(JSON.stringify(seen));
