"""A verification as a page of the documentation (Markdown): how it is done, the verdicts, every z-score."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from sim.verification.tables import HEAD, SUMMARY, markdown, reasons, rows_of, summary_rows
from sim.verification.verdict import Found, Verdict, caught
from sim.verification.words import quantity, w

MARK = "<!-- written by: sim verify"
LANG = "en"

INTRODUCTION = """
The simulator is run on cases whose answer is known exactly. Each case is an ordinary scenario file of
`scenarios/verify/` with a few values set, goes through the same model, measures and replications as `sim run`, and
is held against a closed form (`sim/theory/`, one file a formula, with its source). The closed forms are themselves
tested against exact values computed apart from this project, and against adaptive quadrature at random parameters.
A reader who distrusts simulation can see for themselves:

    sim verify                # this table anew, about a minute on two idle processors
    sim verify --seed 7       # other random numbers, and other parameters for the cases named "drawn"
    sim verify --full         # ten times as many auctions

What the last one gave stands in [Verification, in full](verification-full.md).

A fifth to a half of each family's cases have parameters drawn at random: a simulator that is right is right where nobody
looked.

## What is compared

| family | closed form | scenario file |
| --- | --- | --- |
| (a) one English auction | thinning of a Poisson number of bidders; price = larger of start and second highest value | `english`, `ladder`, `steps` |
| (a2) over-dispersed interest | the same, averaged over a Gamma popularity | `english` |
| (b) appraisal noise | the same, averaged over valuation errors; both premium rates | `appraisal` |
| (c) rounds, returning bidders | disjoint Poisson sets of fresh and returning bidders | `rounds` |
| (c2) sell-off | the first eligible bidder starts a clock | `sell-off` |
| (d) bidders who look ahead | cutoff at which bidding and waiting bring the same | `waiting` |
| (e) soft close | waiting for a gap in Poisson traffic | `soft-close` |
| (f) reporting windows | marked Poisson process: carry-in and right-censoring | `windows` |
| (g) commission | limited expected values of lognormal prices | `commission` |
| (h) one clerk's queue | M/D/1: mean and variance of the wait (Pollaczek, Khinchine), P(no wait) | `clerks` |
| (i) interest that answers to the price | as (c), each round's mean interest multiplied by min(ceiling, (start / reference)^-e) | `rounds` |
| (j) who may bid, and debtors' own sales | as (c), Poisson numbers thinned by those who may not bid (ρ); of lots that nobody bought their debtors sell a share p q, evenly over D days | `rounds` |

Beside the z-scores, what must never happen is checked lot by lot: a price further from the second highest value than
steps allow, a lot with one bidder that did not go at its start, a bidder on the wrong side of their cutoff, a round that did not
end on its day, a lot that the clerk did not serve in its turn, a measure that differs from the records.

## How to read it

z = (simulated - exact) / standard error, standard normal if the simulator is right. The standard error is that of the mean
score under the exact value; `–` marks a quantity that rests on fewer than 50 lots and is not judged. A family passes when

- no |z| is above 4;
- the share of |z| above 2 is near 4.6 % (binomial test at 1 in 10,000);
- the sum of squares fits a chi-square distribution, neither too large nor too small (at 1 in 10,000 each);
- no quantity is off in the same direction case after case (*drift*: its mean z times the root of the number of cases, at
  most 4);
- nothing happened that must never happen.

The share and the sum of squares are taken over independent combinations of a case's z-scores (their covariance is
estimated from the same lots). Seeds are fixed and were not searched; under another seed a correct simulator would
fail in at most 5 of 100 runs. `tests/verification/test_planted.py` plants faults in the model (a price one increment off, a window
one day too long, a cut one round late, values half a per cent too high ...) and the verdict turns red each time.

Two faults of the model were found this way and are corrected: bidders who had lost twice returned as if they had lost
once; without a soft close, bids could fall after the close.
"""


def page(found: Found, verdicts: Sequence[Verdict], lots: int, seed: int, command: str) -> str:
    """The page; ``command`` writes it again."""
    title = "# Verification" + (", in full" if "--full" in command else "")
    parts = [
        f"{MARK}; {command} -->\n{title}\n",
        f"Written by `{command}`.",
        INTRODUCTION.strip() if "--full" not in command else FULLER.strip(),
        "## Verdicts\n",
        w("all", LANG, cases=len(found), lots=f"{lots:,}", seed=seed, z=sum(v.quantities for v in verdicts),
          bad=sum(not v.passed for v in verdicts)) + ".\n",
        markdown(SUMMARY, summary_rows(verdicts, LANG), LANG),
        "\n".join(reasons(verdicts, LANG)),
        "## What bias would be caught\n",
        "The smallest relative bias, the same in all cases of a family, that drift would show for certain at this number of"
        " auctions, in per cent of the exact value:\n",
        _caught(found),
    ]  # fmt: skip
    for v in verdicts:
        parts += [
            f"## ({v.family}) {w(f'family.{v.family}', LANG)}\n",
            markdown(HEAD, rows_of(found, v.family, LANG), LANG),
        ]
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"


FULLER = """
The cases of [Verification](verification.md) with ten times as many auctions each. What the columns and the verdicts mean
stands there.
"""


def _caught(found: Found) -> str:
    biases = caught(found)
    lines = [["family", "quantity", "bias, %"], ["---", "---", "---:"]]
    for key, bias in biases.items():
        family, _, name = key.partition(":")
        lines.append([f"({family})", quantity(name, LANG).replace("|", "\\|"), f"{100.0 * bias:.2g}"])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def ours(path: Path) -> bool:
    """Whether a file may be replaced: it is not there, or was written by this."""
    return not os.path.exists(path) or (
        path.is_file() and path.read_text(encoding="utf-8", errors="replace").startswith(MARK)
    )
