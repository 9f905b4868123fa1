// A person in a browser: opens the sign-in page that a client leads to, fills it in, and says where they are led back to.
export async function signIn(url) {
  const page = await fetch(url, { redirect: "manual" });
  const cookie = page.headers.get("set-cookie").split(";")[0];
  const form = new URLSearchParams({ username: "planner@acme.example", password: "acme-planner", decision: "allow" });
  for (const [, name, value] of (await page.text()).matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)) {
    form.set(name, value.replaceAll("&amp;", "&").replaceAll("&#39;", "'").replaceAll("&#34;", '"'));
  }
  const answer = await fetch(new URL(url).origin + "/oauth/authorize", {
    method: "POST", body: form, headers: { cookie }, redirect: "manual",
  });
  return new URL(answer.headers.get("location"));
}

export async function planning(base, tenant, token) {
  const headers = { Authorization: `Bearer ${token}`, "X-Tenant-ID": tenant };
  return (await fetch(base + "/api/v1/workforce/planning/metadata", { headers })).status;
}
