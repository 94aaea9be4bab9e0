#include "written.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/diag.h"

static const char *no_variable(void *ctx, const char *name)
{
    (void)ctx;
    (void)name;
    return NULL;
}

static int load_file(const char *path, const struct scenario_options *given,
                     struct diag_list *diags, struct plan **ret_plan)
{
    struct scenario_options options = given ? *given : (struct scenario_options){0};

    if (!options.config.lookup)
        options.config.lookup = no_variable;
    return scenario_load(path, &options, diags, ret_plan);
}

/* Writes the text to a file of its own, reads it, and removes the file. */
static int load(const char *text, const struct scenario_options *given,
                struct diag_list *diags, struct plan **ret_plan)
{
    char path[] = "/tmp/throng-scenario-XXXXXX";
    const int descriptor = mkstemp(path);
    int r;

    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, text, strlen(text)), strlen(text));
    assert_int_equal(close(descriptor), 0);
    r = load_file(path, given, diags, ret_plan);
    assert_int_equal(unlink(path), 0);
    return r;
}

static struct plan *expect_plan(int r, struct diag_list *diags, struct plan *plan)
{
    struct buf messages = BUF_INIT((size_t)1 << 20);

    if (r < 0) {
        diag_print(diags, 0, &messages);
        fail_msg("%s", buf_str(&messages));
    }
    assert_int_equal(diag_count(diags), 0);
    diag_list_free(diags);
    return plan;
}

struct plan *written_plan(const char *text, const struct scenario_options *options)
{
    struct diag_list *diags = NULL;
    struct plan *plan = NULL;
    int r;

    assert_int_equal(diag_list_new(50, &diags), 0);
    r = load(text, options, diags, &plan);
    return expect_plan(r, diags, plan);
}

struct plan *written_plan_of_file(const char *path)
{
    struct diag_list *diags = NULL;
    struct plan *plan = NULL;
    int r;

    assert_int_equal(diag_list_new(50, &diags), 0);
    r = load_file(path, NULL, diags, &plan);
    return expect_plan(r, diags, plan);
}

char *written_messages(const char *text, const struct scenario_options *options)
{
    struct buf messages = BUF_INIT((size_t)1 << 20);
    struct diag_list *diags = NULL;
    struct plan *plan = NULL;

    assert_int_equal(diag_list_new(50, &diags), 0);
    assert_int_equal(load(text, options, diags, &plan), -EINVAL);
    assert_null(plan);
    assert_int_equal(diag_print(diags, 0, &messages), 0);
    diag_list_free(diags);
    return buf_take(&messages);
}

char *written_file(const char *path)
{
    const size_t most = (size_t)1 << 22;
    FILE *file = fopen(path, "re");
    char *text = malloc(most);
    size_t len;

    assert_non_null(text);
    if (!file)
        fail_msg("cannot read %s", path);
    len = fread(text, 1, most - 1, file);
    assert_int_equal(fclose(file), 0);
    text[len] = '\0';
    return text;
}
