#include "base/cleanup.h"
#include "expr/query.h"

static const struct query_example examples[] = {
    {".user.name", "{\"user\":{\"name\":\"Ada\"}}", "Ada", "a value by its path"},
    {".data[0].id", "{\"data\":[{\"id\":\"m-1\"},{\"id\":\"m-2\"}]}", "m-1",
     "lists count from 0"},
    {".\"x-id\" // \"none\"", "{}", "none", "another value in place of null and false"},
    {".data | length > 0", "{\"data\":[1]}", "true", "how many there are"},
    {".status == \"done\" and (.error | not)", "{\"status\":\"done\"}", "true",
     "`and`, `or`, `not`"},
    {"[.items[] | select(.price < 5) | .sku] | first",
     "{\"items\":[{\"sku\":\"a\",\"price\":9},{\"sku\":\"b\",\"price\":3}]}", "b",
     "the first that fits"},
    {"[.usage[].tokens] | add", "{\"usage\":[{\"tokens\":3},{\"tokens\":4}]}", "7",
     "a sum"},
    {".tags | any(. == \"new\")", "{\"tags\":[\"hot\",\"new\"]}", "true",
     "whether a list holds a value"},
    {".created | test(\"^2026-\")", "{\"created\":\"2026-11-21\"}", "true",
     "a pattern (jq's; a check `matches` is PCRE2)"},
    {"{id, qty: (.qty + 1)}", "{\"id\":7,\"qty\":1,\"x\":0}", "{\"id\":7,\"qty\":2}",
     "an object made of parts"},
};

bool query_example_at(size_t index, struct query_example *ret_example)
{
    if (index >= COUNT_OF(examples))
        return false;
    *ret_example = examples[index];
    return true;
}
