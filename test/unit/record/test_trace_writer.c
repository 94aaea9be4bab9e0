#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "made_entry.h"
#include "record/trace_file.h"
#include "record/trace_writer.h"

static const struct redaction rules;

struct fixture {
    uv_loop_t loop;
    struct trace_writer *writer;
    struct trace_writer_counts counts;
    char path[64];
    bool is_closed;
    int trouble;
    unsigned trouble_count;
};

static void note_trouble(void *ctx, int error)
{
    struct fixture *fixture = ctx;

    fixture->trouble = error;
    fixture->trouble_count++;
}

static void note_closed(void *ctx)
{
    ((struct fixture *)ctx)->is_closed = true;
}

static int open_writer(struct fixture *fixture, size_t max_waiting_bytes)
{
    const struct trace_writer_options options = {.path = fixture->path,
                                                 .origin = "http://h",
                                                 .rules = &rules,
                                                 .max_waiting_bytes = max_waiting_bytes,
                                                 .trouble = note_trouble,
                                                 .ctx = fixture};

    return trace_writer_new(&fixture->loop, &options, &fixture->writer);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    assert_non_null(fixture);
    assert_int_equal(uv_loop_init(&fixture->loop), 0);
    (void)snprintf(fixture->path, sizeof(fixture->path), "trace_writer_%ld.jsonl",
                   (long)getpid());
    (void)unlink(fixture->path);
    *state = fixture;
    return 0;
}

static void close_writer(struct fixture *fixture)
{
    trace_writer_close(fixture->writer, note_closed, fixture);
    (void)uv_run(&fixture->loop, UV_RUN_DEFAULT);
    assert_true(fixture->is_closed);
    trace_writer_counts(fixture->writer, &fixture->counts);
    fixture->writer = trace_writer_free(fixture->writer);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    (void)unlink(fixture->path);
    assert_int_equal(uv_loop_close(&fixture->loop), 0);
    free(fixture);
    return 0;
}

static void add(struct fixture *fixture, const char *target, uint64_t ms)
{
    struct trace_entry *entry = made_entry("GET", target, NULL, "", 0);

    entry->arrived_ns = ms * NS_PER_MS;
    trace_writer_add(fixture->writer, entry);
}

/* The file's text; the caller frees it. */
static char *read_file(const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = calloc(1, 1024 * 1024);

    assert_non_null(file);
    assert_non_null(text);
    assert_true(fread(text, 1, 1024 * 1024 - 1, file) > 0);
    (void)fclose(file);
    return text;
}

static unsigned count_lines(const char *text)
{
    unsigned count = 0;

    for (; *text; text++)
        count += *text == '\n';
    return count;
}

static void lines_stand_in_the_order_of_their_times_in_the_end(void **state)
{
    struct fixture *fixture = *state;
    struct stat facts;
    char *text;
    const char *at;

    assert_int_equal(open_writer(fixture, 1024 * 1024), 0);
    add(fixture, "/third", 30);
    add(fixture, "/first", 10);
    add(fixture, "/second", 20);
    close_writer(fixture);
    assert_int_equal(fixture->counts.entries, 3);
    assert_int_equal(fixture->counts.error, 0);
    text = read_file(fixture->path);
    assert_int_equal(count_lines(text), 4);
    assert_memory_equal(text, "{\"schema\": \"throng.trace/1\", ", 29);
    at = strstr(text, "/first");
    assert_non_null(at);
    at = strstr(at, "/second");
    assert_non_null(at);
    assert_non_null(strstr(at, "/third"));
    free(text);
    assert_int_equal(stat(fixture->path, &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    assert_int_equal(facts.st_size, fixture->counts.bytes);
}

static void a_file_that_is_there_is_left_alone(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(open_writer(fixture, 1024), 0);
    close_writer(fixture);
    assert_int_equal(open_writer(fixture, 1024), -EEXIST);
}

static void entries_beyond_the_room_are_lost_and_counted(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(open_writer(fixture, sizeof(struct trace_entry) + 64), 0);
    add(fixture, "/kept", 1);
    add(fixture, "/lost", 2);
    add(fixture, "/lost-too", 3);
    close_writer(fixture);
    assert_int_equal(fixture->counts.entries, 1);
    assert_int_equal(fixture->counts.lost, 2);
    assert_int_equal(fixture->counts.error, -ENOBUFS);
    assert_int_equal(fixture->trouble_count, 1);
}

/* A file that may not grow refuses like a full disk, within a line too. */
static void what_the_disk_refuses_leaves_whole_lines(void **state)
{
    struct fixture *fixture = *state;
    struct rlimit before;
    struct rlimit limit;
    char *text;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(open_writer(fixture, 1024 * 1024), 0);
    limit = before;
    limit.rlim_cur = 500;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    add(fixture, "/one", 1);
    add(fixture, "/two", 2);
    add(fixture, "/three", 3);
    close_writer(fixture);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(fixture->counts.entries, 1);
    assert_int_equal(fixture->counts.lost, 2);
    assert_int_equal(fixture->counts.error, -EFBIG);
    assert_int_equal(fixture->trouble, -EFBIG);
    assert_int_equal(fixture->trouble_count, 1);
    text = read_file(fixture->path);
    assert_int_equal(count_lines(text), 2);
    assert_int_equal(text[strlen(text) - 1], '\n');
    free(text);
}

static void a_file_written_on_after_trouble_is_whole(void **state)
{
    struct fixture *fixture = *state;
    struct trace_file file;
    char *text;
    int fd;

    assert_int_equal(trace_file_open(&file, fixture->path, "head\n", 5), 0);
    /* A descriptor that only reads stands for a disk that refuses. */
    fd = file.fd;
    file.fd = open(fixture->path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(trace_file_append(&file, 1, "lost\n", 5), -EBADF);
    assert_true(file.is_torn);
    (void)close(file.fd);
    file.fd = fd;
    assert_int_equal((int)write(fd, "to", 2), 2); /* what had got through */
    assert_int_equal(trace_file_append(&file, 2, "kept\n", 5), 0);
    assert_int_equal(trace_file_finish(&file), 0);
    trace_file_close(&file);
    text = read_file(fixture->path);
    assert_string_equal(text, "head\nkept\n");
    free(text);
}

#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILE(lines_stand_in_the_order_of_their_times_in_the_end),
        WITH_FILE(a_file_that_is_there_is_left_alone),
        WITH_FILE(entries_beyond_the_room_are_lost_and_counted),
        WITH_FILE(what_the_disk_refuses_leaves_whole_lines),
        WITH_FILE(a_file_written_on_after_trouble_is_whole),
    };

    return cmocka_run_group_tests_name("trace_writer", tests, NULL, NULL);
}
