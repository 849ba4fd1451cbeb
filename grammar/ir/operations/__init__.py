"""The closed table of operations that programs may use, and their evaluation: CPython's meaning, bounded.

In: values (`Value`: a closed set of kinds), a `Meter`, the name of an operation; types, to judge it before it runs. Out: values,
types. Raised: what CPython raises, which a program may catch; OperationError for a limit or for what isn't in the table, which
nothing catches; Misfit for types that can't be right.
Must not know: IR nodes, programs' text, tools, plans, clocks. Functions of a program never come here: what takes one is a loop
outside, which hands over the keys.

Read `basis` (values, limits, what an entry is), then the entries: `regular` expressions; `symbols` (operators, places, displays);
`named` (functions and methods); `table` puts them together.
"""

from lcc.grammar.ir.operations.basis.kinds import (
    CLASSES,
    DICTS,
    EXCEPTION_KINDS,
    MODULE_EXCEPTIONS,
    SCALARS,
    ClassValue,
    Lazy,
    MatchValue,
    PatternValue,
    Record,
    SetValue,
    Value,
    caught,
    exception,
    foreign,
    is_exception,
    is_value,
    own_class,
    type_name,
)
from lcc.grammar.ir.operations.basis.meter import Meter, OperationError, OperationLimits
from lcc.grammar.ir.operations.basis.operation import Operation, Param
from lcc.grammar.ir.operations.basis.sizes import ITERABLE, in_use, key as hashed, listed
from lcc.grammar.ir.operations.basis.static import Misfit, element_of, kinds_of
from lcc.grammar.ir.operations.basis.tagged import BadTag, from_plain, from_tagged, to_plain, to_tagged
from lcc.grammar.ir.operations.named.iteration import iterate
from lcc.grammar.ir.operations.named.numeric import is_subclass
from lcc.grammar.ir.operations.symbols.augmented import AUGMENTED
from lcc.grammar.ir.operations.symbols.comparisons import COMPARISONS
from lcc.grammar.ir.operations.symbols.displays import DISPLAYS
from lcc.grammar.ir.operations.symbols.formatting import FIELDS, own_text
from lcc.grammar.ir.operations.symbols.operators import BINARY, UNARY
from lcc.grammar.ir.operations.symbols.subscripts import SUBSCRIPTS
from lcc.grammar.ir.operations.table import (
    ATTRIBUTES,
    BUILTIN_CLASSES,
    BUILTINS,
    CLASS_FUNCTIONS,
    CONSTANTS,
    EXCEPTION_CLASSES,
    LOOPS,
    METHODS,
    MODULES,
    OPERATIONS,
    attribute,
    builtin,
    builtin_fault,
    constant,
    infer_attribute,
    infer_method,
    method,
    module_function,
    operation_fault,
)

__all__ = [
    "ATTRIBUTES",
    "AUGMENTED",
    "BINARY",
    "BUILTINS",
    "BUILTIN_CLASSES",
    "CLASSES",
    "CLASS_FUNCTIONS",
    "COMPARISONS",
    "CONSTANTS",
    "DICTS",
    "DISPLAYS",
    "EXCEPTION_CLASSES",
    "EXCEPTION_KINDS",
    "FIELDS",
    "ITERABLE",
    "LOOPS",
    "METHODS",
    "MODULES",
    "MODULE_EXCEPTIONS",
    "OPERATIONS",
    "SCALARS",
    "SUBSCRIPTS",
    "UNARY",
    "BadTag",
    "ClassValue",
    "Lazy",
    "MatchValue",
    "Meter",
    "Misfit",
    "Operation",
    "OperationError",
    "OperationLimits",
    "Param",
    "PatternValue",
    "Record",
    "SetValue",
    "Value",
    "attribute",
    "builtin",
    "builtin_fault",
    "caught",
    "constant",
    "element_of",
    "exception",
    "foreign",
    "from_plain",
    "from_tagged",
    "hashed",
    "in_use",
    "infer_attribute",
    "infer_method",
    "is_exception",
    "is_subclass",
    "is_value",
    "iterate",
    "kinds_of",
    "listed",
    "method",
    "module_function",
    "operation_fault",
    "own_class",
    "own_text",
    "to_plain",
    "to_tagged",
    "type_name",
]
