#include <errno.h>
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

#include "result/folder.h"

struct place {
    char dir[64];
    char runs[80];
};

static int make_place(void **state)
{
    struct place *place = calloc(1, sizeof(*place));

    memcpy(place->dir, "/tmp/throng-folder-XXXXXX", 26);
    if (!mkdtemp(place->dir))
        return -1;
    snprintf(place->runs, sizeof(place->runs), "%s/a/b", place->dir);
    *state = place;
    return 0;
}

static int drop_place(void **state)
{
    struct place *place = *state;
    char command[128];

    snprintf(command, sizeof(command), "rm -r %s", place->dir);
    const int r = system(command);

    free(place);
    return r;
}

static void a_folder_is_made_private_and_a_namesake_gets_a_number(void **state)
{
    const struct place *place = *state;
    struct result_folder *first = NULL;
    struct result_folder *second = NULL;
    struct stat info;

    assert_int_equal(result_folder_new(place->runs, "run", &first), 0);
    assert_int_equal(result_folder_new(place->runs, "run", &second), 0);
    assert_string_equal(strrchr(result_folder_path(first), '/'), "/run");
    assert_string_equal(strrchr(result_folder_path(second), '/'), "/run-2");
    assert_int_equal(stat(result_folder_path(first), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    result_folder_free(first);
    assert_null(result_folder_free(second));
}

static void a_file_appears_whole_private_and_without_leftovers(void **state)
{
    const struct place *place = *state;
    struct result_folder *folder = NULL;
    char path[256];
    char text[16] = "";
    struct stat info;

    assert_int_equal(result_folder_new(place->runs, "run", &folder), 0);
    assert_int_equal(result_folder_write(folder, "summary.json", "old text", 8), 0);
    assert_int_equal(result_folder_write(folder, "summary.json", "{}", 2), 0);
    assert_int_equal(result_folder_path_of(folder, "summary.json", path, sizeof(path)),
                     0);
    FILE *file = fopen(path, "re");

    assert_non_null(file);
    assert_int_equal(fread(text, 1, sizeof(text), file), 2);
    assert_memory_equal(text, "{}", 2);
    fclose(file);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(
        result_folder_path_of(folder, ".summary.json.part", path, sizeof(path)), 0);
    assert_int_equal(access(path, F_OK), -1);
    result_folder_free(folder);
}

static void what_cannot_be_written_is_an_error_and_leaves_nothing(void **state)
{
    const struct place *place = *state;
    struct result_folder *folder = NULL;
    char path[256];

    assert_int_equal(result_folder_new("/proc/nowhere", "run", &folder), -ENOENT);
    assert_int_equal(result_folder_new(place->runs, "run", &folder), 0);
    assert_int_equal(result_folder_path_of(folder, "taken", path, sizeof(path)), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(result_folder_write(folder, "taken", "x", 1), -EISDIR);
    assert_int_equal(result_folder_path_of(folder, ".taken.part", path, sizeof(path)), 0);
    assert_int_equal(access(path, F_OK), -1);
    result_folder_free(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_folder_is_made_private_and_a_namesake_gets_a_number, make_place,
            drop_place),
        cmocka_unit_test_setup_teardown(
            a_file_appears_whole_private_and_without_leftovers, make_place, drop_place),
        cmocka_unit_test_setup_teardown(
            what_cannot_be_written_is_an_error_and_leaves_nothing, make_place,
            drop_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
