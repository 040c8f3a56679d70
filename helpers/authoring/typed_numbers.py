"""Find measured numbers that somebody typed, in prose and in the strings of code.

What is not prose is replaced by spaces first, so that positions in the text do not change.
"""

import ast
import re

CLAIM = re.compile(r"<!--= *(.+?) *-->(.*?)<!--/-->", re.S)
REASONS = {
    "exercise": "a number of a made-up example",
    "definition": "set by convention, or exact by arithmetic, such as chance among ten classes",
}
GIVEN = re.compile(rf"<!--given: ({'|'.join(REASONS)})-->(.*?)<!--/-->", re.S)
GIVEN_CODE = re.compile(rf"# given: (?:{'|'.join(REASONS)})$")
NOT_PROSE = re.compile(
    r"^ *```.*?^ *```"  # fenced code
    r"|`[^`\n]+`|\$\$.+?\$\$|\$[^$\n]+\$"  # code and formulas
    r"|\]\([^)\n]*\)|https?://\S+|<!--.*?-->|</?[a-z][^>\n]*>",  # targets of links, comments, tags
    re.S | re.M,
)
COUNT = (
    r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty"
    r"|seventy|eighty|ninety|hundred|thousand)"
)
FEW = rf"(?:\d+|{COUNT})"
MORE = r"(?:more|less|fewer|faster|slower|larger|smaller|higher|lower|better|worse)\b"
# A fraction or a multiple of these is a result; of others, such as the side of an image, a description.
MEASURED = (
    r"(?:accuracy|errors?|mistakes|gaps?|gains?|loss|costs?|time|seconds|minutes|hours|memory|points?"
    r"|difference|advantage|benefit|regret)\b"
)
COUNTED = r"(?:pictures|images|photographs|runs|seeds|cells|cases|answers|predictions|labels)\b"
PART = r"(?:thirds?|quarters?|fourths?|fifths?|sixths?|sevenths?|eighths?|ninths?|tenths?|hundredths?)"
FRACTION = rf"\b(?:(?:an?|one|{FEW})[ -]{PART}|half)"
SHARE = rf"(?:{FRACTION} of|\bhalf (?:the|an?|its|our|their))"
SOME = r"(?: \w+){0,2}? "  # up to two words between
VERB = r"\b(?:halv|doubl|tripl|quadrupl)(?:e|es|ed|ing)"
TYPED = re.compile(
    "|".join(
        (
            r"\d ?%",
            rf"\b{FEW} ?(?:percent\b|per cent\b|(?:percentage )?points?\b)",
            r"\d ?[x×](?![\w ]*\d)(?![\w-])",
            rf"\d times\b|\b{COUNT} times (?:{MORE}|(?:as|the|too)\b)",
            r"\b(?:twice|half) as\b|\btwice the\b",
            rf"\b{FEW}-?fold\b",
            rf"\bfactors? of (?:(?:about|almost|nearly|over|some|an?) )*{FEW}\b",
            rf"{SHARE}{SOME}(?:{MEASURED}|{COUNTED})|{FRACTION} {MORE}",
            rf"\b{FEW} (?:out of|of|in) (?:every |an? )?(?:ten|hundred|thousand|1,?0[0,]*)\b",
            rf"\b{FEW} out of {FEW}\b",
            r"\b(?:accuracy|error|share|score|scores|scored|correlation)"
            r"(?: (?:is|was|of|at|to|by|from|about|almost|nearly|over|above|below|only|reach(?:es|ed)))*"
            r" 0?\.\d",
            r"\b0?\.\d+ (?:accuracy|right|wrong|correct)\b",
            rf"{VERB}{SOME}{MEASURED}|\b{MEASURED}{SOME}{VERB}\b|\b(?:doubled|tripled|quadrupled)\b",
        )
    ),
    re.I,
)
CONVENTION = re.compile(  # given: definition
    r"95 % (?:confidence )?intervals?|\bat (?:the )?[15] %"
)
NAME = r"[A-ZÀ-Ž][\w'’-]+"
YEAR = r"(?:19|20)\d\d"
CITATION = re.compile(  # Kumar et al. 2022, Pan and Yang (2010), Caruana (1997), (Caruana, 1997)
    rf"{NAME}(?: et al\.| (?:and|&) {NAME}),? \(?{YEAR}|{NAME} \({YEAR}\)|\({NAME}, {YEAR}\)"
)
SENTENCE = re.compile(r"\n\s*\n|\n(?=\s*(?:[|#>]|[-*] |\d+\. ))|(?<=[.!?]) +(?=[A-Z*])|(?<=[.!?])\n")


def typed_numbers(text: str) -> list[str]:
    """Return the sentences of a Markdown text with a typed percentage, multiple or fraction.

    Sentences with a citation are left out.

    Example:
        >>> typed_numbers("The probe gets 93 %. It is a linear classifier.")
        ['The probe gets 93 %.']
    """

    def blank(match: re.Match) -> str:
        return re.sub(r"\S", " ", match[0])

    prose = text
    for pattern in (CLAIM, GIVEN, NOT_PROSE, CONVENTION):
        prose = pattern.sub(blank, prose)
    sentences, start = [], 0
    for end in [*(m.span() for m in SENTENCE.finditer(prose)), (len(prose), len(prose))]:
        part = prose[start : end[0]]
        if TYPED.search(part.replace("\n", " ")) and not CITATION.search(part):
            sentences.append(" ".join(text[start : end[0]].split()))
        start = end[1]
    return sentences


def typed_strings(code: str) -> list[tuple[int, str]]:
    """Return (line, text) of the string literals with a typed number.

    Docstrings, formats such as `{x:.1%}`, single words such as "100%" for a width, and strings with
    `# given: REASON` on their line or the line above are left out.

    Example:
        >>> typed_strings('print("The probe gets 93 %.")')
        [(1, 'The probe gets 93 %.')]
    """
    tree, lines = ast.parse(code), code.splitlines()
    left_out = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue) and node.format_spec:
            left_out |= {id(part) for part in ast.walk(node.format_spec)}
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in left_out:
            continue
        given = any(GIVEN_CODE.search(line) for line in lines[max(node.lineno - 2, 0) : node.end_lineno])
        if " " in node.value and not given and typed_numbers(node.value):
            found.append((node.lineno, node.value))
    return found
