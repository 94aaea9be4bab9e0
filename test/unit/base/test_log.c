#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "torture.h"

#define LOG_MODULE "net"

/* Length of `2026-11-21T10:09:00.123Z `. */
#define TIME_LEN 25

/* Standard error while a test runs: a pipe, each write of which stays one message. */
static struct {
    int stderr_fd;
    int read_fd;
    char text[70000];
} capture;

static int begin_capture(void **state)
{
    int ends[2];

    (void)state;
    if (pipe2(ends, O_CLOEXEC | O_DIRECT | O_NONBLOCK) < 0)
        return -1;
    capture.stderr_fd = dup(STDERR_FILENO);
    capture.read_fd = ends[0];
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    log_setup(LOG_LEVEL_WARN, LOG_FORMAT_TEXT, NULL);
    return 0;
}

static int end_capture(void **state)
{
    (void)state;
    dup2(capture.stderr_fd, STDERR_FILENO);
    close(capture.stderr_fd);
    close(capture.read_fd);
    return 0;
}

/* What one write(2) wrote, "" when there was none. */
static const char *written(void)
{
    const ssize_t len = read(capture.read_fd, capture.text, sizeof(capture.text) - 1);

    capture.text[len > 0 ? len : 0] = '\0';
    return capture.text;
}

static void a_text_line_has_time_level_module_and_request(void **state)
{
    (void)state;
    log_error("lost %d of %d", 1, 2);
    assert_string_equal(written() + TIME_LEN, "error net: lost 1 of 2\n");
    log_write(LOG_LEVEL_WARN, "api", "req-7", "odd");
    assert_string_equal(written() + TIME_LEN, "warn api: [req-7] odd\n");
    assert_int_equal(capture.text[TIME_LEN - 2], 'Z');
}

static void levels_below_the_set_one_are_silent(void **state)
{
    (void)state;
    assert_true(log_enabled(LOG_LEVEL_WARN));
    assert_false(log_enabled(LOG_LEVEL_INFO));
    log_info("silent");
    log_debug("silent");
    assert_string_equal(written(), "");
    log_setup(LOG_LEVEL_DEBUG, LOG_FORMAT_TEXT, NULL);
    log_debug("loud");
    assert_string_equal(written() + TIME_LEN, "debug net: loud\n");
}

static void a_json_line_is_escaped_and_names_the_run(void **state)
{
    (void)state;
    log_setup(LOG_LEVEL_INFO, LOG_FORMAT_JSON, "run \"1\"");
    log_write(LOG_LEVEL_INFO, "net", "r\n7", "said \"%s\"", "\x1B\xFF");
    assert_string_equal(
        written() + strlen("{\"time\":\"") + TIME_LEN - 1,
        "\",\"level\":\"info\",\"module\":\"net\",\"run\":\"run \\\"1\\\"\","
        "\"request\":\"r\\n7\",\"message\":\"said \\\"\\u001b\uFFFD\\\"\"}\n");
    log_setup(LOG_LEVEL_INFO, LOG_FORMAT_JSON, NULL);
    log_info("alone");
    assert_null(strstr(written(), "\"run\""));
}

static void a_message_cannot_forge_a_line_or_command_the_terminal(void **state)
{
    (void)state;
    log_write(LOG_LEVEL_WARN, "net", "id\n", "a\nerror net: b\x1B[2J");
    assert_string_equal(written() + TIME_LEN,
                        "warn net: [id ] a error net: b\uFFFD[2J\n");
}

static void a_long_message_is_cut_not_lost(void **state)
{
    char text[5000];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    log_warn("%s", text);
    const char *line = written() + TIME_LEN;
    const size_t len = strlen(line);

    assert_true(len > 2000 && len < 2200);
    assert_string_equal(line + len - strlen("x\u2026\n"), "x\u2026\n");
}

static void a_long_run_id_is_cut(void **state)
{
    char id[100];

    (void)state;
    memset(id, 'i', sizeof(id) - 1);
    id[sizeof(id) - 1] = '\0';
    log_setup(LOG_LEVEL_WARN, LOG_FORMAT_JSON, id);
    log_warn("m");
    const char *run = strstr(written(), "\"run\":\"");

    assert_non_null(run);
    assert_int_equal(strspn(run + strlen("\"run\":\""), "i"), 63);
}

static void errno_stays_as_it_was(void **state)
{
    (void)state;
    errno = EBADMSG;
    close(STDERR_FILENO);
    log_warn("lost");
    assert_int_equal(errno, EBADMSG);
}

static int log_one(void)
{
    log_warn("tight");
    return 0;
}

static void without_memory_a_line_may_be_lost_but_nothing_else(void **state)
{
    (void)state;
    assert_true(torture(log_one, 0) >= 1);
}

#define CAPTURED(test) cmocka_unit_test_setup_teardown(test, begin_capture, end_capture)

struct diverted {
    char text[200];
    size_t lines;
};

static void keep_line(void *ctx, const char *line, size_t len)
{
    struct diverted *diverted = ctx;

    memcpy(diverted->text, line, len);
    diverted->text[len] = '\0';
    diverted->lines++;
}

static void lines_go_where_they_are_diverted_and_back(void **state)
{
    struct diverted diverted = {.lines = 0};

    (void)state;
    log_divert(keep_line, &diverted);
    log_warn("for the display");
    log_debug("not at all");
    log_divert(NULL, NULL);
    assert_int_equal(diverted.lines, 1);
    assert_string_equal(diverted.text + TIME_LEN, "warn net: for the display\n");
    assert_string_equal(written(), "");
    log_warn("for standard error");
    assert_string_equal(written() + TIME_LEN, "warn net: for standard error\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CAPTURED(a_text_line_has_time_level_module_and_request),
        CAPTURED(levels_below_the_set_one_are_silent),
        CAPTURED(a_json_line_is_escaped_and_names_the_run),
        CAPTURED(a_message_cannot_forge_a_line_or_command_the_terminal),
        CAPTURED(a_long_message_is_cut_not_lost),
        CAPTURED(a_long_run_id_is_cut),
        CAPTURED(errno_stays_as_it_was),
        CAPTURED(lines_go_where_they_are_diverted_and_back),
        CAPTURED(without_memory_a_line_may_be_lost_but_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
