#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "output/patient_stream.h"

#define PIECE_BYTES 700 /* about a drawing */

/* A terminal that nobody looks at yet, and a stream to it. */
struct stage {
    int leader;
    FILE *follower;
    struct patient_stream stream;
    size_t written;
    size_t seen;
};

static int set_up(void **state)
{
    static struct stage stage;
    struct termios raw;
    int fd;

    stage = (struct stage){.leader = posix_openpt(O_RDWR | O_NOCTTY)};
    assert_true(stage.leader >= 0);
    assert_int_equal(grantpt(stage.leader), 0);
    assert_int_equal(unlockpt(stage.leader), 0);
    fd = open(ptsname(stage.leader), O_RDWR | O_NOCTTY);
    assert_true(fd >= 0);
    assert_int_equal(tcgetattr(fd, &raw), 0);
    raw.c_oflag &= ~(tcflag_t)OPOST;
    assert_int_equal(tcsetattr(fd, TCSANOW, &raw), 0);
    stage.follower = fdopen(fd, "w");
    assert_non_null(stage.follower);
    patient_stream_init(&stage.stream, stage.follower);
    *state = &stage;
    return 0;
}

static int tear_down(void **state)
{
    struct stage *stage = *state;

    patient_stream_deinit(&stage->stream);
    assert_int_equal(fclose(stage->follower), 0);
    assert_int_equal(close(stage->leader), 0);
    return 0;
}

static char letter_of(size_t index)
{
    return (char)('a' + index % 23);
}

static void write_piece(struct stage *stage)
{
    char piece[PIECE_BYTES];

    for (size_t i = 0; i < sizeof(piece); i++)
        piece[i] = letter_of(stage->written++);
    patient_stream_write(&stage->stream, piece, sizeof(piece));
}

/* What there is to be seen now, all of which has to be in its place. */
static void look(struct stage *stage)
{
    char bytes[4096];
    const ssize_t got = read(stage->leader, bytes, sizeof(bytes));

    assert_true(got > 0);
    for (ssize_t i = 0; i < got; i++)
        assert_int_equal(bytes[i], letter_of(stage->seen++));
}

static void a_terminal_that_takes_nothing_is_not_waited_for(void **state)
{
    struct stage *stage = *state;

    while (stage->stream.unsent.len == 0)
        write_piece(stage);
    write_piece(stage);
    while (stage->seen < stage->written) {
        look(stage);
        (void)patient_stream_is_ready(&stage->stream);
    }
    assert_true(patient_stream_is_ready(&stage->stream));
}

static void a_terminal_that_is_gone_is_not_waited_for_either(void **state)
{
    struct stage *stage = *state;

    while (stage->stream.unsent.len == 0)
        write_piece(stage);
    assert_int_equal(close(stage->leader), 0);
    patient_stream_finish(&stage->stream);
    stage->leader = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_true(stage->leader >= 0);
}

static void what_is_no_terminal_gets_its_bytes_at_once(void **state)
{
    struct patient_stream stream;
    char *text = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&text, &len);

    (void)state;
    assert_non_null(memory);
    patient_stream_init(&stream, memory);
    assert_true(patient_stream_is_ready(&stream));
    patient_stream_write(&stream, "hello", 5);
    assert_string_equal(text, "hello");
    patient_stream_finish(&stream);
    patient_stream_deinit(&stream);
    assert_int_equal(fclose(memory), 0);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_terminal_that_takes_nothing_is_not_waited_for,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_terminal_that_is_gone_is_not_waited_for_either,
                                        set_up, tear_down),
        cmocka_unit_test(what_is_no_terminal_gets_its_bytes_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
