/* Whatever a file to convert holds, and whatever memory is refused, it is converted or told about. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/diag.h"
#include "scenario/convert.h"
#include "torture.h"

static const char k6[] =
    "import http from 'k6/http';\n"
    "export const options = {\n"
    "  scenarios: { // two\n"
    "    a: { executor: 'ramping-arrival-rate', startRate: 1, preAllocatedVUs: 5,\n"
    "         stages: [{ duration: '10s', target: 3 }], tags: { t: 'x' } },\n"
    "    b: { executor: 'shared-iterations', iterations: 5, startTime: '2s', exec: 'f' "
    "},\n"
    "  },\n"
    "  thresholds: { 'http_req_duration{t:x}': ['p(95) < 500', { threshold: 'avg<1',\n"
    "    abortOnFail: true }], checks: ['rate>0.9'] },\n"
    "  userAgent: 'me ${x}', hosts: {},\n"
    "};\n"
    "export default function () { http.post(`${U}/a/${id}`, 'b'); sleep(1.5); }\n";

static const char artillery[] =
    "config:\n"
    "  target: http://h\n"
    "  phases: [{duration: 5, arrivalRate: 1, rampTo: 3}, {pause: 2}]\n"
    "  payload: {path: p.csv, fields: [f], order: sequence}\n"
    "  variables: {v: [a, b], w: \"{{ $env.W }}\"}\n"
    "  ensure: {p95: 3, maxErrorRate: 1}\n"
    "scenarios:\n"
    "  - flow:\n"
    "      - post: {url: \"/a/{{ f }}\", qs: {q: 1}, json: {a: \"{{ v }}\", b: [1]}, "
    "ifTrue: v,\n"
    "               capture: {json: \"$.a['b'][0]\", as: c}, expect: [{statusCode: "
    "200}]}\n"
    "      - loop: [{think: 1}, {get: \"/{{ c }}{{ $randomNumber(1, 9) }}{{ $no() "
    "}}\"}]\n"
    "        count: 2\n";

static const char vllm[] =
    "vllm bench serve --model 'a b' \\\n  --request-rate=4 --max-concurrency 10 "
    "--dataset-name "
    "prefix_repetition --header A=\"b c\" --metadata x=y --what ever --ignore-eos\n";

static const char *const texts[] = {k6, artillery, vllm};

/* What scenario_convert() returns; -EINVAL only with an error. */
static int convert(const char *text, size_t len, enum convert_form form,
                   struct conversion *conversion)
{
    struct diag_list *diags = NULL;
    int r = diag_list_new(10, &diags);

    conversion_init(conversion);
    if (r == 0)
        r = scenario_convert("input", text, len, form, diags, conversion);
    if (r == -EINVAL)
        assert_true(diag_count(diags) > 0);
    diag_list_free(diags);
    return r;
}

static void every_prefix_is_converted_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        for (size_t len = 0; len <= strlen(texts[i]); len++) {
            for (int form = CONVERT_GUESS; form <= CONVERT_VLLM; form++) {
                struct conversion conversion;
                char *copy =
                    strndup(texts[i], len); /* so that a byte read too far is seen */
                const int r = convert(copy, len, (enum convert_form)form, &conversion);

                assert_true(r == 0 || r == -EINVAL);
                assert_int_equal(r == 0, conversion.scenario.len > 0);
                conversion_deinit(&conversion);
                free(copy);
            }
        }
    }
}

static void a_note_is_made_once(void **state)
{
    static const char twice[] = "{stages: [], rps: 1}\n";
    struct conversion conversion;
    const char *first;

    (void)state;
    assert_int_equal(convert(twice, strlen(twice), CONVERT_K6, &conversion), 0);
    first = strstr(buf_str(&conversion.notes), "`rps` has no counterpart\n");
    assert_non_null(first);
    assert_null(strstr(first + 1, "`rps`"));
    assert_non_null(strstr(buf_str(&conversion.scenario), "`rps` has no counterpart\n"));
    conversion_deinit(&conversion);
}

/* Their files are not ours: what looks like an environment variable in them stays as it is. */
static void dollars_of_theirs_are_no_variables_of_ours(void **state)
{
    struct conversion conversion;

    (void)state;
    assert_int_equal(convert(k6, strlen(k6), CONVERT_GUESS, &conversion), 0);
    assert_non_null(
        strstr(buf_str(&conversion.scenario), "headers: {User-Agent: \"me $${x}\"}"));
    conversion_deinit(&conversion);
}

static int convert_text(const char *text)
{
    struct conversion conversion;
    const int r = convert(text, strlen(text), CONVERT_GUESS, &conversion);

    conversion_deinit(&conversion);
    return r;
}

static int convert_k6(void)
{
    return convert_text(k6);
}

static int convert_artillery(void)
{
    return convert_text(artillery);
}

static int convert_vllm(void)
{
    return convert_text(vllm);
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    assert_true(torture(convert_k6, -ENOMEM) > 0);
    assert_true(torture(convert_artillery, -ENOMEM) > 0);
    assert_true(torture(convert_vllm, -ENOMEM) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_prefix_is_converted_or_refused),
        cmocka_unit_test(a_note_is_made_once),
        cmocka_unit_test(dollars_of_theirs_are_no_variables_of_ours),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };

    return cmocka_run_group_tests_name("scenario/convert", tests, NULL, NULL);
}
