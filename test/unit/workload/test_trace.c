#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/diag.h"
#include "paper.h"
#include "plan/plan.h"
#include "workload/data.h"
#include "workload/trace.h"

#define MS(n) ((n) * NS_PER_MS)

/* A trace over a file of the test's, and what came of loading it. */
struct fixture {
    struct paper paper;
    struct plan plan;
    struct diag_list *diags;
    struct data *data;
    const struct trace *trace;
    struct buf said;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.said = BUF_INIT((size_t)1 << 20)};
    fixture.plan.replay = (struct plan_replay){
        .time_scale = 1, .file = "replay.yaml", .line = 7, .column = 3};
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    data_free(fixture->data);
    diag_list_free(fixture->diags);
    buf_deinit(&fixture->said);
    paper_remove(&fixture->paper);
    return 0;
}

static int load_bytes(struct fixture *fixture, const char *bytes, size_t len)
{
    int r;

    paper_write(&fixture->paper, bytes, len);
    fixture->plan.replay.path = fixture->paper.path;
    fixture->data = data_free(fixture->data);
    fixture->diags = diag_list_free(fixture->diags);
    assert_int_equal(diag_list_new(20, &fixture->diags), 0);
    r = data_load(&fixture->plan, fixture->diags, &fixture->data);
    fixture->trace = data_trace(fixture->data);
    buf_clear(&fixture->said);
    assert_int_equal(diag_print(fixture->diags, 0, &fixture->said), 0);
    return r;
}

/* Loads a file of this text, in which ' stands for ". */
static int load(struct fixture *fixture, const char *text)
{
    char *json = strdup(text);
    int r;

    assert_non_null(json);
    for (char *at = json; (at = strchr(at, '\''));)
        *at = '"';
    r = load_bytes(fixture, json, strlen(json));
    free(json);
    return r;
}

/* "0:7/5 12:9/0", milliseconds and lengths; a request as "3:POST /v1 a=b {body}". */
static const char *entries(struct fixture *fixture)
{
    const struct trace_facts facts = trace_facts(fixture->trace);

    buf_clear(&fixture->said);
    for (uint64_t i = 0; i < facts.entries; i++) {
        const struct trace_entry entry = trace_entry_at(fixture->trace, i);

        buf_printf(&fixture->said, "%s%" PRIu64 ":", i > 0 ? " " : "",
                   entry.at_ns / NS_PER_MS);
        if (!entry.has_request) {
            buf_printf(&fixture->said, "%u/%u", entry.input_tokens, entry.output_tokens);
            continue;
        }
        const struct trace_request request = trace_request_at(fixture->trace, i);

        buf_printf(&fixture->said, "%s %s", request.method, request.path);
        for (size_t j = 0; j < request.header_count; j++) {
            const struct trace_header header = trace_header_at(fixture->trace, i, j);

            buf_printf(&fixture->said, " %s=%s", header.name, header.value);
        }
        buf_printf(&fixture->said, " {%s}", request.body);
        assert_int_equal(strlen(request.body), request.body_len);
    }
    return buf_str(&fixture->said);
}

static enum plan_trace_format format_of(const struct fixture *fixture)
{
    return trace_facts(fixture->trace).format;
}

static void mooncake_is_read(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(
        load(fixture, "{'timestamp': 27482, 'input_length': 6955, 'output_length': 52, "
                      "'hash_ids': [46, 47, 48]}\n"
                      "{'timestamp': 30535.25, 'input_length': 7, 'output_length': 0}\n"),
        0);
    assert_int_equal(format_of(fixture), PLAN_TRACE_MOONCAKE);
    assert_string_equal(entries(fixture), "0:6955/52 3053:7/0");
    assert_int_equal(trace_entry_at(fixture->trace, 1).at_ns, 3053250000);
    assert_int_equal(trace_facts(fixture->trace).duration_ns, MS(3054));
}

static void azure_is_read(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(load(fixture, "TIMESTAMP,ContextTokens,GeneratedTokens\r\n"
                                   "2023-11-16 18:15:46.6805900,374,44\r\n"
                                   "2023-11-16 18:15:50.9951690,396,109\r\n"),
                     0);
    assert_int_equal(format_of(fixture), PLAN_TRACE_AZURE);
    assert_string_equal(entries(fixture), "0:374/44 4314:396/109");
    assert_int_equal(trace_entry_at(fixture->trace, 1).at_ns, 4314579000);
    assert_int_equal(load(fixture, "TIMESTAMP,ContextTokens,GeneratedTokens\n"
                                   "2024-05-10 00:00:00.009930+00:00,2162,5\n"
                                   "2024-05-10 00:00:00.017335+00:00,2399,6\n"),
                     0);
    assert_string_equal(entries(fixture), "0:2162/5 7:2399/6");
}

static void burstgpt_is_read_without_its_failures(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(
        load(fixture,
             "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
             "5,ChatGPT,472,18,490,Conversation log\n"
             "45,ChatGPT,1087,0,1087,Conversation log\n"
             "118.5,GPT-4,417.0,276,693,API log\n"),
        0);
    assert_int_equal(format_of(fixture), PLAN_TRACE_BURSTGPT);
    assert_string_equal(entries(fixture), "0:472/18 113500:417/276");
    assert_int_equal(trace_facts(fixture->trace).failed, 1);
}

static const char recorded[] =
    "{'schema': 'throng.trace/1', 'recorded_at': '2026-11-28T10:00:00Z', 'upstream': "
    "'https://host'}\n"
    "{'timestamp': 0.125, 'session_id': 's1', 'input_length': 7, 'output_length': 5, "
    "'request': {'method': 'POST', 'path': '/v1/chat/completions?a=1', 'headers': "
    "[['Content-Type', 'application/json'], ['Authorization', 'Bearer x'], ['COOKIE', "
    "'a'], ['X-Team', 'caf\\u00e9'], ['X-Secret', '***'], ['accept-encoding', 'gzip']], "
    "'body': '{\\'model\\':1}\\n'}, 'response': {'status': 200, 'gaps_ms': [1, 2]}}\n"
    "{'timestamp': 250, 'request': {'body_base64': 'AAE=', 'path': '/x', 'method': "
    "'PUT'}}\n"
    "{'timestamp': 300, 'input_length': 9, 'output_length': 1}\n";

static void a_recording_is_read_with_its_requests(void **state)
{
    struct fixture *fixture = *state;
    char *text = strdup(recorded);
    struct trace_request request;

    assert_non_null(text);
    for (char *at = text;
         (at = strstr(at, "\\'"));) /* an escaped quote, not a bare one */
        at[1] = '"';
    assert_int_equal(load(fixture, text), 0);
    free(text);
    assert_int_equal(format_of(fixture), PLAN_TRACE_THRONG);
    request = trace_request_at(fixture->trace, 0);
    assert_string_equal(request.method, "POST");
    assert_string_equal(request.path, "/v1/chat/completions?a=1");
    assert_string_equal(request.body, "{\"model\":1}\n");
    assert_int_equal(request.header_count, 2);
    assert_string_equal(trace_header_at(fixture->trace, 0, 0).name, "Content-Type");
    assert_string_equal(trace_header_at(fixture->trace, 0, 1).value, "café");
    assert_int_equal(trace_entry_at(fixture->trace, 0).input_tokens, 7);
    assert_int_equal(trace_entry_at(fixture->trace, 1).at_ns, 249875000);
    request = trace_request_at(fixture->trace, 1);
    assert_string_equal(request.method, "PUT");
    assert_int_equal(request.body_len, 2);
    assert_memory_equal(request.body, "\0\1", 2);
    assert_false(trace_entry_at(fixture->trace, 2).has_request);
    assert_int_equal(trace_facts(fixture->trace).requests, 2);
    assert_int_equal(trace_facts(fixture->trace).most_headers, 2);
}

static const char archive[] =
    "{'log': {'version': '1.2', 'creator': {'name': 'x'}, 'entries': [\n"
    "{'startedDateTime': '2024-05-10T10:00:01.500+02:00', 'request': {'method': 'GET', "
    "'url': 'https://app.example.com/b?q=1#top', 'headers': [{'name': ':path', 'value': "
    "'/b'}, {'name': 'accept', 'value': '*/*'}, {'name': 'cookie', 'value': 'x'}]}, "
    "'response': {'content': {'text': '[{]'}}},\n"
    "{'startedDateTime': '2024-05-10T08:00:01Z', 'request': {'method': 'POST', 'url': "
    "'https://APP.example.com', 'headers': [], 'postData': {'mimeType': 'text/plain', "
    "'text': 'hello'}}},\n"
    "{'startedDateTime': '2024-05-10T08:00:03Z', 'request': {'method': 'GET', 'url': "
    "'https://cdn.example.net/a.js', 'headers': []}},\n"
    "{'startedDateTime': '2024-05-10T08:00:04Z', 'request': {'method': 'GET', 'url': "
    "'wss://app.example.com/live', 'headers': []}}\n"
    "]}}";

static void an_archive_is_read_of_one_origin(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(load(fixture, archive), 0);
    assert_int_equal(format_of(fixture), PLAN_TRACE_HAR);
    assert_string_equal(entries(fixture),
                        "0:POST / {hello} 500:GET /b?q=1 accept=*/* {}");
    assert_int_equal(trace_facts(fixture->trace).elsewhere, 2);
    assert_string_equal(trace_facts(fixture->trace).origin, "https://app.example.com");
}

static void an_archive_is_read_of_any_origin(void **state)
{
    struct fixture *fixture = *state;

    fixture->plan.replay.origin = "https://cdn.example.net";
    assert_int_equal(load(fixture, archive), 0);
    assert_string_equal(entries(fixture), "0:GET /a.js {}");
    fixture->plan.replay.origin = "*";
    assert_int_equal(load(fixture, archive), 0);
    assert_int_equal(trace_facts(fixture->trace).entries, 3);
    assert_int_equal(trace_facts(fixture->trace).elsewhere, 1);
    assert_null(trace_facts(fixture->trace).origin);
}

static const char unordered[] = "{'timestamp': 3000, 'input_length': 4}\n"
                                "{'timestamp': 1000, 'input_length': 1}\n"
                                "{'timestamp': 2000, 'input_length': 2}\n"
                                "{'timestamp': 2000, 'input_length': 3}\n"
                                "{'timestamp': 9000, 'input_length': 5}\n";

static void entries_are_in_order_of_their_times(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(load(fixture, unordered), 0);
    assert_string_equal(entries(fixture), "0:1/0 1000:2/0 1000:3/0 2000:4/0 8000:5/0");
}

static void a_window_is_cut_out_and_scaled(void **state)
{
    static const struct {
        uint64_t from_ms;
        uint64_t for_ms;
        uint64_t limit;
        double scale;
        const char *entries;
        uint64_t duration_ms;
        uint64_t outside;
    } windows[] = {
        {0, 0, 0, 0.5, "0:1/0 500:2/0 500:3/0 1000:4/0 4000:5/0", 4001, 0},
        {500, 0, 0, 1, "500:2/0 500:3/0 1500:4/0 7500:5/0", 7501, 1},
        {1000, 1500, 0, 2, "0:2/0 0:3/0 2000:4/0", 3000, 2},
        {1000, 0, 2, 1, "0:2/0 0:3/0", 1, 3},
        {1000, 7000, 2, 1, "0:2/0 0:3/0", 1, 3},
        {0, 60000, 0, 1, "0:1/0 1000:2/0 1000:3/0 2000:4/0 8000:5/0", 8001, 0},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(windows); i++) {
        fixture->plan.replay.from_ns = MS(windows[i].from_ms);
        fixture->plan.replay.for_ns = MS(windows[i].for_ms);
        fixture->plan.replay.limit_entries = windows[i].limit;
        fixture->plan.replay.time_scale = windows[i].scale;
        assert_int_equal(load(fixture, unordered), 0);
        assert_string_equal(entries(fixture), windows[i].entries);
        assert_int_equal(trace_facts(fixture->trace).duration_ns,
                         MS(windows[i].duration_ms));
        assert_int_equal(trace_facts(fixture->trace).outside, windows[i].outside);
    }
}

/* What a server's prefix cache would find of b in a: the bytes that both begin with. */
static size_t common(const char *a, const char *b)
{
    size_t len = 0;

    while (a[len] && a[len] == b[len])
        len++;
    return len;
}

static size_t words_in(const char *text)
{
    size_t count = 1;

    for (; *text; text++)
        count += *text == ' ';
    return count;
}

static void equal_blocks_have_equal_words(void **state)
{
    struct fixture *fixture = *state;
    struct buf texts[4];

    assert_int_equal(
        load(fixture,
             "{'timestamp': 0, 'input_length': 1300, 'hash_ids': [1, 2, 3]}\n"
             "{'timestamp': 1, 'input_length': 1024, 'hash_ids': [1, 2]}\n"
             "{'timestamp': 2, 'input_length': 600, 'hash_ids': [1, 9, 4, 5, 6]}\n"
             "{'timestamp': 3, 'input_length': 600}\n"),
        0);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        texts[i] = BUF_INIT((size_t)1 << 20);
        assert_int_equal(trace_write_prompt(fixture->trace, i, 42, &texts[i]), 0);
    }
    assert_int_equal(words_in(buf_str(&texts[0])), 1300);
    assert_int_equal(words_in(buf_str(&texts[2])), 600);
    assert_int_equal(words_in(buf_str(&texts[3])), 600);
    /* All of the second one begins the first. */
    assert_int_equal(common(buf_str(&texts[0]), buf_str(&texts[1])), texts[1].len);
    /* Of the third the first block does, and little more. */
    const size_t shared = common(buf_str(&texts[0]), buf_str(&texts[2]));
    char *first = strndup(buf_str(&texts[2]), shared);

    assert_non_null(first);
    assert_in_range(words_in(first), 512, 516);
    free(first);
    assert_true(common(buf_str(&texts[0]), buf_str(&texts[3])) < 40);
    /* Another run has other words. */
    buf_clear(&texts[3]);
    assert_int_equal(trace_write_prompt(fixture->trace, 0, 43, &texts[3]), 0);
    assert_true(common(buf_str(&texts[0]), buf_str(&texts[3])) < 40);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        buf_deinit(&texts[i]);
}

static void equal_replays_have_equal_hashes(void **state)
{
    struct fixture *fixture = *state;
    uint64_t hash;

    assert_int_equal(load(fixture, unordered), 0);
    hash = data_hash(fixture->data);
    assert_int_equal(load(fixture, unordered), 0);
    assert_int_equal(data_hash(fixture->data), hash);
    fixture->plan.replay.time_scale = 2;
    assert_int_equal(load(fixture, unordered), 0);
    assert_int_not_equal(data_hash(fixture->data), hash);
}

static void each_bad_row_is_told_with_its_line(void **state)
{
    static const struct {
        const char *line;
        const char *problem;
    } bad[] = {
        {"nonsense", "no JSON object"},
        {"{'timestamp': 1", "not one well-formed JSON object"},
        {"{'timestamp': 1, 'input_length': '\xFF'}", "not UTF-8"},
        {"{'input_length': 1}", "no 'timestamp'"},
        {"{'timestamp': 1}", "no 'input_length' above 0"},
        {"{'timestamp': null, 'input_length': 1}", "no 'timestamp'"},
        {"{'timestamp': -1, 'input_length': 1}", "a 'timestamp' that is no number"},
        {"{'timestamp': 1e300, 'input_length': 1}", "a 'timestamp' that is no number"},
        {"{'timestamp': 9999999999999999999999, 'input_length': 1}",
         "a 'timestamp' that is no number"},
        {"{'timestamp': 1, 'input_length': 1000001}", "an 'input_length' that is"},
        {"{'timestamp': 1, 'input_length': 1, 'output_length': 99999999999999999999}",
         "an 'output_length' that is"},
        {"{'timestamp': 1, 'input_length': 1, 'hash_ids': {}}", "'hash_ids' that are no"},
        {"{'timestamp': 1, 'input_length': 1, 'hash_ids': [-1]}",
         "'hash_ids' that are no whole"},
        {"{'timestamp': 1, 'request': 1}", "a 'request' that is no object"},
        {"{'timestamp': 1, 'request': {'path': '/'}}", "without a 'method'"},
        {"{'timestamp': 1, 'request': {'method': 'GE T', 'path': '/'}}", "whose method"},
        {"{'timestamp': 1, 'request': {'method': 'CONNECT', 'path': '/'}}", "a CONNECT"},
        {"{'timestamp': 1, 'request': {'method': 'GET', 'path': 'x'}}", "begin with '/'"},
        {"{'timestamp': 1, 'request': {'method': 'GET', 'path': '/\\r\\nX: 1'}}",
         "control character in a request's path"},
        {"{'timestamp': 1, 'request': {'method': 'GET', 'path': '/', 'headers': "
         "[['a\\n', 'b']]}}",
         "a header whose name"},
        {"{'timestamp': 1, 'request': {'method': 'GET', 'path': '/', 'headers': "
         "[['a', 'b\\r\\nc: d']]}}",
         "control character in a header's value"},
        {"{'timestamp': 1, 'request': {'method': 'GET', 'path': '/', 'headers': "
         "[['a', 'b', 'c']]}}",
         "no list of [name, value]"},
        {"{'timestamp': 1, 'request': {'method': 'GET', 'path': '/', 'body_base64': "
         "'!'}}",
         "no base64"},
    };
    struct fixture *fixture = *state;

    fixture->plan.replay.format = PLAN_TRACE_MOONCAKE;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct buf text = BUF_INIT(4096);

        buf_printf(&text,
                   "{'timestamp': 0, 'input_length': 1}\n%s\n{'timestamp': 5, "
                   "'input_length': 2}\n",
                   bad[i].line);
        fixture->plan.replay.skip_bad_rows = false;
        assert_int_equal(load(fixture, buf_str(&text)), -EINVAL);
        assert_non_null(strstr(buf_str(&fixture->said), bad[i].problem));
        assert_non_null(strstr(buf_str(&fixture->said), ":2: "));
        fixture->plan.replay.skip_bad_rows = true;
        assert_int_equal(load(fixture, buf_str(&text)), 0);
        assert_string_equal(entries(fixture), "0:1/0 5:2/0");
        assert_int_equal(data_skipped(fixture->data), 1);
        buf_deinit(&text);
    }
}

static void bad_rows_of_tables_and_archives_are_told(void **state)
{
    static const struct {
        const char *text;
        const char *problem;
    } bad[] = {
        {"TIMESTAMP,ContextTokens,GeneratedTokens\nyesterday,1,1\n",
         ":2: error: a 'TIMESTAMP'"},
        {"TIMESTAMP,ContextTokens,GeneratedTokens\n2024-05-10 00:00:00,0,1\n",
         ":2: error: 'ContextTokens'"},
        {"TIMESTAMP,ContextTokens,GeneratedTokens\n2024-05-10 00:00:00,1\n",
         ":2: error: fewer fields"},
        {"TIMESTAMP,GeneratedTokens\n", ":1: error: no column 'ContextTokens'"},
        {"Timestamp,Request tokens,Response tokens\n1.5.5,1,1\n",
         ":2: error: a 'Timestamp'"},
        {"Timestamp,Request tokens,Response tokens\n1,99999999999,1\n",
         ":2: error: 'Request tokens'"},
        {"Timestamp,Request tokens,Response tokens\n1,1,-1\n",
         ":2: error: 'Response tokens'"},
        {"Timestamp,Request tokens,Response tokens\n", "no entries"},
        {"", "not a trace"},
        {"a,b\n1,2\n", "not a trace"},
        {"{'chat_id': 1, 'parent_chat_id': -1, 'timestamp': 0.5, 'input_length': 9}\n",
         "not a trace"},
        {"{'schema': 'throng.trace/2'}\n",
         ":1: error: not a trace of schema throng.trace/1"},
        {"{'log': {'entries': [{'startedDateTime': 'now', 'request': {'method': 'GET', "
         "'url': 'http://a/'}}]}}",
         ":1: error: no 'startedDateTime'"},
        {"{'log': {'entries': [\n{'startedDateTime': '2024-05-10T00:00:00Z'}]}}",
         ":2: error: no 'request'"},
        {"{'log': {'entries': [\n{'startedDateTime': '2024-05-10T00:00:00Z', 'request': "
         "{'method': 'GET', 'url': 'http://a/\\u0007'}}]}}",
         ":2: error: a blank or control character"},
        {"{'log': {'entries': [\n{'startedDateTime': '2024-05-10T00:00:00Z', 'request': "
         "{'method': 'GET', 'url': 'http://a?b=1'}}]}}",
         ":2: error: a request whose path does not begin with '/'"},
        {"{'log': {'entries': [\n{'startedDateTime': '2024-05-10T00:00:00Z', 'request': "
         "{'method': 'GET', 'url': 'http://me:secret@a/'}}]}}",
         ":2: error: a 'url' with a name or password before its host"},
        {"{'log': {'entries': [{},", "not well-formed JSON"},
        {"{'log': {'entries': 7}}", "not an HTTP Archive"},
        {"{'log':\n7}", "not an HTTP Archive"},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_int_equal(load(fixture, bad[i].text), -EINVAL);
        assert_non_null(strstr(buf_str(&fixture->said), bad[i].problem));
        assert_null(fixture->trace);
    }
}

static void a_window_without_entries_is_a_mistake(void **state)
{
    struct fixture *fixture = *state;

    fixture->plan.replay.from_ns = MS(60000);
    assert_int_equal(load(fixture, unordered), -EINVAL);
    assert_non_null(strstr(buf_str(&fixture->said), "no entries between"));
    fixture->plan.replay.from_ns = UINT64_MAX;
    fixture->plan.replay.for_ns = UINT64_MAX;
    assert_int_equal(load(fixture, unordered), -EINVAL);
    fixture->plan.replay.from_ns = 0;
    fixture->plan.replay.for_ns = 0;
    fixture->plan.replay.time_scale = 1e9;
    assert_int_equal(load(fixture, unordered), -EINVAL);
    assert_non_null(strstr(buf_str(&fixture->said), "more than 30 days"));
}

/* However a file is cut off or changed, it is read or refused, and nothing else. */
static void no_file_breaks_the_readers(void **state)
{
    static const char *const texts[] = {recorded, archive, unordered,
                                        "TIMESTAMP,ContextTokens,GeneratedTokens\n"
                                        "2023-11-16 18:15:46.6805900,374,44\n"};
    static const char strange[] = {'\0', '"', '{', '[', '\\', ',', '\n', (char)0xFF, '9'};
    struct fixture *fixture = *state;

    fixture->plan.replay.skip_bad_rows = true;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        const size_t len = strlen(texts[i]);
        char *text = strdup(texts[i]);

        assert_non_null(text);
        for (char *at = text; (at = strchr(at, '\''));)
            *at = '"';
        for (size_t cut = 0; cut < len; cut += 7) {
            const char kept = text[cut];

            (void)load_bytes(fixture, text, cut);
            text[cut] = strange[cut % sizeof(strange)];
            (void)load_bytes(fixture, text, len);
            text[cut] = kept;
        }
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(mooncake_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(azure_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(burstgpt_is_read_without_its_failures, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_recording_is_read_with_its_requests, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_archive_is_read_of_one_origin, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_archive_is_read_of_any_origin, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(entries_are_in_order_of_their_times, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_window_is_cut_out_and_scaled, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(equal_blocks_have_equal_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(equal_replays_have_equal_hashes, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(each_bad_row_is_told_with_its_line, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(bad_rows_of_tables_and_archives_are_told, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_window_without_entries_is_a_mistake, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(no_file_breaks_the_readers, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("workload_trace", tests, NULL, NULL);
}
