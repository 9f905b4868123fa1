"""Defects that are seeded on purpose: `make mutants` proves that the tests of the emulator notice each of them.

Each is planted alone into a copy of the sources, and the tests run against the copy. One that nobody notices is a hole
in the tests; one whose text is no longer found is a hole in this list. Both fail.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
EMULATOR = Path("bridgehead/emulator")
TESTS = ("tests/unit/test_gate.py", "tests/emulator")
AT_ONCE = 2
LONGEST = 300


class Mutant(NamedTuple):
    """A defect: in which file, which text becomes which, and what it would let through."""

    file: str
    old: str
    new: str
    lets: str

    @property
    def path(self) -> Path:
        return EMULATOR / self.file


GATE, TOKENS, GRANTS = "gate.py", "authorization/tokens.py", "authorization/grants.py"
CLIENTS, IDENTITY = "authorization/clients.py", "identity.py"

MUTANTS = (
    Mutant(GATE, "if claimed == call.environment:", "if claimed:", "a token for another environment"),
    Mutant(GATE, "return None if call.client.enabled else", "return None if call.client else", "a disabled client"),
    Mutant(GATE, "or not client.addresses or within(", "or client.addresses or within(", "calls from any address"),
    Mutant(
        GATE,
        'if not call.operation.planning or call.claim("tenant_id"):',
        "if not call.operation.planning or call.claims:",
        "a token without tenant context",
    ),
    Mutant(
        GATE,
        "if not call.operation.planning or call.tenant_header is not None:",
        'if not call.operation.planning or call.tenant_header != "":',
        "a call without X-Tenant-ID",
    ),
    Mutant(GATE, "return None if header == bound else", "return None if header else", "another tenant's header"),
    Mutant(
        GATE,
        "bound = call.client.tenant_id if call.client else None",
        "bound = header",
        "another tenant's header beside a token without tenant context",
    ),
    Mutant(
        GATE,
        "call.client.tenant_id == bound:",
        "call.client.tenant_id:",
        "a token for a tenant that its client is not of",
    ),
    Mutant(
        GATE,
        '"workforce-planning" in call.tenant.modules',
        "call.tenant.modules",
        "planning in a tenant that has not the module",
    ),
    Mutant(
        GATE,
        "any(scope in granted for scope in wanted)",
        'any(scope in " ".join(granted) for scope in wanted)',
        "a scope that only begins or ends so",
    ),
    Mutant(
        GATE,
        "if not wanted or any(",
        "if not wanted or set(granted) & set(call.operation.near) or any(",
        "the thread's near-miss scopes",
    ),
    Mutant(
        GATE,
        "if scope not in call.client.scopes]",
        "if not call.client.scopes]",
        "a client that is not registered for the other scopes",
    ),
    Mutant(
        GATE,
        "call.client is None or call.client.planning_permission:",
        "call.client is None or call.client.scopes:",
        "a client without the planning permission",
    ),
    Mutant(
        GATE,
        "if account.tenant_id != call.client.tenant_id:",
        "if not account.tenant_id:",
        "a person of another tenant",
    ),
    Mutant(GATE, "if account.locked:", "if account.locked is None:", "a locked account"),
    Mutant(GATE, "if call.reach() != frozenset():", "if account.assignments:", "a role that is another or pending"),
    Mutant(GATE, "permission=PLANNING_WRITE,", "permission=PLANNING_READ,", "writing with a role for reading"),
    Mutant(GATE, '("workforce.planning.write",),', "METADATA.scopes,", "writing with a scope for reading"),
    Mutant(
        GATE,
        "and check.lenient and call.operation.planning",
        "and call.operation.planning",
        "another tenant's header in the sandbox",
    ),
    Mutant(
        GATE,
        "check.lenient and call.operation.planning",
        "check.lenient",
        "employees and audit log without a role in the sandbox",
    ),
    Mutant(GATE, "return not check.needed", "return True", "a forged token where the environment is soft"),
    Mutant(GATE, 'if outcome == "denied":', "if False:", "what an early check refused and the last one does not"),
    Mutant(TOKENS, 'if claims.get("iss") != self.issuer:', 'if not claims.get("iss"):', "another issuer's token"),
    Mutant(
        TOKENS,
        'if claims.get("aud") != AUDIENCE:',
        'if AUDIENCE not in (claims.get("aud") or ()):',
        "a token that is meant for others too",
    ),
    Mutant(TOKENS, "if now >= exp:", "if now > exp:", "a token in the second in which it ended"),
    Mutant(TOKENS, "if now < nbf:", "if now + 60 < nbf:", "a token before its time"),
    Mutant(TOKENS, "if exp - nbf > LIFETIME_SECONDS:", "if exp - nbf > 10**9:", "a token that lives for years"),
    Mutant(TOKENS, "if type(exp) is not int or", "if exp is None or", "an end that is no whole number"),
    Mutant(TOKENS, "if self.store.is_spent(f\"token {claims['jti']}\") or ", "if ", "a token that was revoked"),
    Mutant(
        TOKENS,
        " or self.store.is_spent(f\"session {claims.get('sid', '')}\")",
        "",
        "a token of a session that was ended",
    ),
    Mutant(TOKENS, "verified(token, key, [algorithm])", 'verified(token, key, [algorithm, "none"])', "no signature"),
    Mutant(
        TOKENS,
        "verified(token, key, [algorithm])",
        'verified(token, key, [algorithm, "PS256", "RS512"])',
        "another algorithm than the key's",
    ),
    Mutant(
        TOKENS,
        "if header.keys() - _HEADER:",
        'if header.keys() - _HEADER - {"jku", "jwk"}:',
        "keys that come along in the header",
    ),
    Mutant(TOKENS, 'if header.get("typ") != "at+jwt":', 'if header.get("typ") == "JWT":', "tokens of other types"),
    Mutant(TOKENS, "_SCOPE.fullmatch(", "_SCOPE.match(", "scopes that a tab or two blanks divide"),
    Mutant(TOKENS, "if len(found) != len(pairs):", "if len(found) > len(pairs):", "a claim that stands twice"),
    Mutant(
        GRANTS,
        "if asked is not None and asked != client.tenant_id:",
        "if asked is not None and not asked.strip():",
        "a token for another tenant",
    ),
    Mutant(GRANTS, "if scope not in registered:", "if not registered:", "a scope that is not registered"),
    Mutant(
        GRANTS,
        "if consent.client_id != client.client_id:",
        "if not consent.client_id:",
        "a code or refresh token of another client",
    ),
    Mutant(GRANTS, "        if used:", "        if used is None:", "a code or refresh token that was used"),
    Mutant(GRANTS, 'self.tickets.use(form["code"])', 'str(form["code"])', "a code twice"),
    Mutant(GRANTS, 'self.tickets.use(form["refresh_token"])', 'str(form["refresh_token"])', "a refresh token twice"),
    Mutant(
        GRANTS,
        'if form.get("redirect_uri") != consent.redirect_uri:',
        'if not form.get("redirect_uri"):',
        "a code at another redirect address",
    ),
    Mutant(
        GRANTS,
        'if not _proves(form.get("code_verifier", ""), consent.challenge):',
        'if not form.get("code_verifier"):',
        "a code without the verifier",
    ),
    Mutant(GRANTS, "CODE_SECONDS = 60", "CODE_SECONDS = 3600", "a code of an hour ago"),
    Mutant(
        GRANTS,
        'if form.get("tenant_context", consent.tenant_id) != consent.tenant_id:',
        'if not form.get("tenant_context", "x"):',
        "another tenant than the one that was consented to",
    ),
    Mutant(GRANTS, "person is None or person.locked or ", "person is None or ", "a refresh for a locked person"),
    Mutant(CLIENTS, "if shown.method not in client.methods:", "if not client.methods:", "a client by its name alone"),
    Mutant(
        CLIENTS,
        'return "" if secret_matches(client, shown.proof, self.hash_key) else',
        'return "" if shown.proof else',
        "any secret",
    ),
    Mutant(CLIENTS, "if not client.enabled:", "if client.enabled is None:", "a token for a disabled client"),
    Mutant(CLIENTS, "if len(found) > 1:", "if len(found) > 3:", "two ways of client authentication at once"),
    Mutant(
        CLIENTS,
        "if len({name for name, _ in pairs}) != len(pairs):",
        "if len({name for name, _ in pairs}) > len(pairs):",
        "a parameter that stands twice",
    ),
    Mutant(CLIENTS, 'return "" if fresh else', 'return "" if jti else', "an assertion that was used"),
    Mutant(
        CLIENTS,
        "if len(meant) != 1 or meant[0] not in self.audiences:",
        "if not set(meant) & set(self.audiences):",
        "an assertion that is meant for others too",
    ),
    Mutant(
        CLIENTS,
        'if claims.get("iss") != client.client_id or ',
        "if ",
        "an assertion that another client issued",
    ),
    Mutant(
        CLIENTS,
        "if client.addresses and not within(address, client.addresses):",
        "if client.addresses and not address:",
        "a token for a client that calls from elsewhere",
    ),
    Mutant(
        IDENTITY,
        'return claims if claims["client_id"] == client.client_id else other',
        "return claims if client else other",
        "introspection and revocation of others' tokens",
    ),
    Mutant(
        IDENTITY,
        " or found[0].client_id != client.client_id:",
        ":",
        "introspection and revocation of others' refresh tokens",
    ),
    Mutant(
        IDENTITY,
        "if decision.denied is None and call.client is not None:",
        "if call.client is not None:",
        "tenant/info with what the gate refuses",
    ),
    Mutant(IDENTITY, "if header != client.tenant_id:", "if not header:", "tenant/info with another tenant's header"),
    Mutant(IDENTITY, 'if scheme.lower() != "bearer" or not token:', "if not token:", "a token under another scheme"),
    Mutant(
        "planning.py",
        "WHERE environment = ?1 AND tenant_id = ?2 AND key > ?3",
        "WHERE environment = ?1 AND ?2 != '' AND key > ?3",
        "another tenant's projections, page by page",
    ),
    Mutant(
        "planning.py",
        '"SELECT body_digest, status, body FROM answer WHERE environment = ? AND tenant_id = ?"',
        "\"SELECT body_digest, status, body FROM answer WHERE environment = ? AND ? != ''\"",
        "the answer to another tenant's idempotency key",
    ),
    Mutant("audit.py", "            whose: tenant_id,\n", "", "another tenant's entries in the audit log"),
    Mutant("server.py", "proxy_headers=False,", "proxy_headers=True,", "an address that the caller made up"),
)


class Outcome(NamedTuple):
    """How the tests ended: the seconds they took, and the first one that failed; empty when none did."""

    seconds: float
    failed: str
    trouble: str = ""


def run(mutant: Mutant | None) -> Outcome:
    """Run the tests against a copy of the sources, with a defect or without."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "src"
        shutil.copytree(ROOT / "src", source, ignore=shutil.ignore_patterns("__pycache__"))
        if mutant is not None:
            path = source / mutant.path
            text = path.read_text()
            if text.count(mutant.old) != 1:
                return Outcome(0, "", "its text does not stand there exactly once")
            path.write_text(text.replace(mutant.old, mutant.new))
        return _tested(source)


def _tested(source: Path) -> Outcome:
    where = os.environ | {"PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}
    found = [sys.executable, "-c", "import bridgehead; print(bridgehead.__file__)"]
    if not subprocess.run(found, cwd=ROOT, env=where, capture_output=True, text=True, check=True).stdout.startswith(
        str(source)
    ):
        return Outcome(0, "", "the tests would not have met the copy")
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n0", "-p", "no:cacheprovider", "--tb=no", *TESTS]
    started = time.monotonic()
    try:
        ended = subprocess.run(
            command, cwd=ROOT, env=where, capture_output=True, text=True, timeout=LONGEST, check=False
        )
    except subprocess.TimeoutExpired:
        return Outcome(LONGEST, "", "the tests did not end")
    failed = re.search(r"^FAILED \S+::(test_\w+)", ended.stdout, re.MULTILINE)
    trouble = "" if ended.returncode == (1 if failed else 0) else ended.stdout[-500:] + ended.stderr[-500:]
    return Outcome(time.monotonic() - started, failed[1] if failed else "", trouble)


def main() -> int:
    """Run all of them, or those whose file or words are named; return 1 when one survives."""
    named = sys.argv[1:]
    chosen = [one for one in MUTANTS if not named or any(word in f"{one.file} {one.lets}" for word in named)]
    whole = run(None)
    if whole.failed or whole.trouble:
        _say(f"Without a defect the tests fail: {whole.failed}{whole.trouble}")
        return 1
    _say(f"{whole.seconds:6.1f} s  without a defect all tests hold")
    survivors = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for mutant, outcome in zip(chosen, pool.map(run, chosen), strict=True):
            killed = bool(outcome.failed) and not outcome.trouble
            survivors += not killed
            told = outcome.failed if killed else f"SURVIVES {outcome.trouble}"
            _say(f"{outcome.seconds:6.1f} s  {mutant.file}: {mutant.lets}\n          {told}")
    _say(f"{len(chosen) - survivors} of {len(chosen)} defects were noticed")
    return 1 if survivors else 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
