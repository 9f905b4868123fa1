// simple-oauth2: client credentials with a tenant context, and a person's code with refresh.
import { ClientCredentials } from "simple-oauth2";
import { planning } from "./people.mjs";

const { base, tenant, client, secret, scope } = JSON.parse(process.argv[2]);
const seen = {};
for (const authorizationMethod of ["header", "body"]) {
  const flow = new ClientCredentials({
    client: { id: client, secret },
    auth: { tokenHost: base, tokenPath: "/oauth/token", revokePath: "/oauth/revoke" },
    options: { authorizationMethod },
  });
  const token = await flow.getToken({ scope, tenant_context: tenant });
  seen[authorizationMethod] = await planning(base, tenant, token.token.access_token);
  await token.revoke("access_token");
  seen[`${authorizationMethod} revoked`] = await planning(base, tenant, token.token.access_token);
}
console.log(JSON.stringify(seen));
