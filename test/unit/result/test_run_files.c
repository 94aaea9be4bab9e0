#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "result/run_files.h"

/* A folder of results with two runs, the second of which was written last. */
static int make_results(void **state)
{
    static const char *const ids[] = {"early", "late"};
    char *results = strdup("/tmp/throng-runs-XXXXXX");
    char path[128];

    if (!mkdtemp(results))
        return -1;
    for (int i = 0; i < 2; i++) {
        const struct timespec times[] = {{.tv_sec = 1000}, {.tv_sec = 1000 + i}};

        snprintf(path, sizeof(path), "%s/%s", results, ids[i]);
        mkdir(path, 0700);
        snprintf(path, sizeof(path), "%s/%s/summary.json", results, ids[i]);
        FILE *file = fopen(path, "we");

        fprintf(file, "{\"schema\": \"throng.summary/1\", \"run\": {\"id\": \"%s\"}}",
                ids[i]);
        fclose(file);
        utimensat(AT_FDCWD, path, times, 0);
    }
    *state = results;
    return 0;
}

static int drop_results(void **state)
{
    char command[128];

    snprintf(command, sizeof(command), "rm -r %s", (const char *)*state);
    const int r = system(command);

    free(*state);
    return r;
}

static void a_run_is_found_by_folder_file_id_and_as_the_newest(void **state)
{
    /* Paths within the folder of results, but for the one that is an id. */
    static const struct {
        const char *name;
        const char *id;
    } names[] = {
        {"/early", "early"}, {"/early/", "early"}, {"/early/summary.json", "early"},
        {"early", "early"},  {NULL, "late"},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct buf why = BUF_INIT(1024);
        struct buf text = BUF_INIT(1024);
        struct run_files files = {0};
        char name[128] = "";
        char path[256];

        if (names[i].name)
            snprintf(name, sizeof(name), "%s%s",
                     *names[i].name == '/' ? (const char *)*state : "", names[i].name);
        assert_int_equal(
            run_files_open(*state, names[i].name ? name : NULL, &files, &why), 0);
        assert_string_equal(run_files_id(&files), names[i].id);
        assert_int_equal(run_files_path(&files, "summary.json", path, sizeof(path)), 0);
        assert_int_equal(access(path, R_OK), 0);
        assert_int_equal(run_files_read(path, &text), 0);
        assert_non_null(strstr(buf_str(&text), names[i].id));
        buf_deinit(&text);
        assert_int_equal(run_files_path(&files, "none.hlog", path, sizeof(path)),
                         -ENOENT);
        run_files_close(&files);
        buf_deinit(&why);
    }
}

static void what_is_no_run_is_refused_with_what_to_do(void **state)
{
    static const struct {
        const char *name;
        const char *says;
    } names[] = {
        {"nobody", "nobody: there is no such run; name a results folder"},
        {"s3://bucket/run", "fetch them first"},
        {"/dev/null", "/dev/null: "},
    };
    struct run_files files = {0};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct buf why = BUF_INIT(1024);

        assert_int_equal(run_files_open(*state, names[i].name, &files, &why), -EINVAL);
        assert_non_null(strstr(buf_str(&why), names[i].says));
        assert_null(files.summary);
        buf_deinit(&why);
    }
}

static void without_results_that_is_said(void **state)
{
    struct buf why = BUF_INIT(1024);
    struct run_files files = {0};

    (void)state;
    assert_int_equal(run_files_open("/nowhere", NULL, &files, &why), -EINVAL);
    assert_non_null(strstr(buf_str(&why), "/nowhere: there are no results yet"));
    buf_deinit(&why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_run_is_found_by_folder_file_id_and_as_the_newest, make_results,
            drop_results),
        cmocka_unit_test_setup_teardown(what_is_no_run_is_refused_with_what_to_do,
                                        make_results, drop_results),
        cmocka_unit_test(without_results_that_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
