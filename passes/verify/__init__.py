"""Hard errors of a plan: ids, references, arity, types, unknown tools, writes in a text that wasn't understood.

In: a plan, signatures, the diagnostics of its text. Out: diagnostics with V codes; a plan without errors may run.
Must not know: how a plan is optimized or run.

Read `verifier`, which goes through a plan, then `arguments`, which checks calls against declarations, and `bodies`; `errors` and
`body_errors` document the codes.
"""

from lcc.passes.verify.verifier import Verifier, verify

__all__ = ["Verifier", "verify"]
