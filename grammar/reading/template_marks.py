"""List the marks that templates of chats and formats of calls leave in a text: a closed table, as patterns that ignore case.

    <|im_start|>assistant      [TOOL_CALLS]      <|tool▁call▁begin|>      </plan>      <|im_end|>

A mark says nothing but where something begins or ends. A tag that isn't in the table, and a token that isn't, is not understood.
"""

from __future__ import annotations

from typing import Final

ENDS: Final = r"</s>|<eos>|<end_of_turn>|<\|(?:im_end|eo[tm](?:_id)?|end|return|endoftext|end_of_text|END_OF_TURN_TOKEN)\|>|<[|｜]end▁of▁sentence[|｜]>"
"""What ends a whole text: nothing is said behind it, and no call stands there."""
BEGINS: Final = r"<\|(?:begin_of_text|im_start|assistant|(?:start|end)_(?:header_id|of_role))\|>(?:assistant)?"
"""What begins a text, and a turn in it."""
_TAGS: Final = "tool_?calls?|function_?calls?|functions?|tool_?use|tool_?code|tools?|actions?|answer|execute|code|plan|output|invocations?|final|response|result|end_code"
_TOKENS: Final = (
    "(?:tool|function|action|python|code)s?(?:_(?:calls?|uses?|list|section))*_(?:start|end|begin|prefix|suffix|tag|code)|(?:START|END)_(?:ACTION|RESPONSE)|"
    "tool_?calls?|tool_use|function_calls?|plugin|interpreter|call"
)
MARK: Final = (
    rf"{ENDS}|{BEGINS}|</?(?:[a-z]{{1,16}}:|｜DSML｜)?(?:{_TAGS})>|<\|/?(?:{_TOKENS})\|?>|<(?:tool_call|function_call)\|>"
    r"|<[|｜]tool▁calls?▁(?:begin|end)[|｜]>|\[/?(?:TOOL_CALLS?|AVAILABLE_TOOLS|TOOL_REQUEST|END_TOOL_REQUEST)\]|<<function>>|<(?:start|end)_function_call>|<\|\|>|✿RETURN✿"
)
"""What surrounds calls, a plan or a text and says nothing else."""
