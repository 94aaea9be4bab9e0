#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "scenario/making.h"
#include "scenario/text.h"

#define LIST_PREFIX "lists."

static const struct field word_list_fields[] = {
    {ROW("words", FIELD_LIST, struct word_list_form, words), .element = FIELD_TEXT,
     .flags = FIELD_REQUIRED, .help = "of which one is drawn, each as often"},
};

static const struct field_table word_list_table = {
    TABLE_OF("word_list", word_list_fields, struct word_list_form,
             "Words that stand in questions: `{{ lists.NAME }}`."),
    .short_key = "words",
    .example = "questions:\n"
               "  weather:\n"
               "    templates: [\"Will it rain in {{ lists.city }}?\"]\n"
               "    lists: {city: [Oslo, Lima, Pune]}\n"};

static const struct field questions_fields[] = {
    {ROW("templates", FIELD_LIST, struct questions_form, templates),
     .element = FIELD_TEXT,
     .help = "the questions, with `{{ lists.NAME }}` where a word is drawn"},
    {ROW("lists", FIELD_KEYED, struct questions_form, lists), .table = &word_list_table,
     .help = "the words, by the name of their list"},
    {ROW("file", FIELD_TEXT, struct questions_form, file),
     .unit = "a path from where this file is", .flags = FIELD_PATH,
     .help = "instead of both: a YAML file with these keys"},
};

const struct field_table questions_table = {
    TABLE_OF("questions", questions_fields, struct questions_form,
             "Questions that the scenario words itself; `chat: {question: NAME}` asks "
             "them."),
    .short_key = "file",
    .example = "questions:\n"
               "  support:\n"
               "    templates: [\"How do I {{ lists.verb }} my {{ lists.thing }}?\"]\n"
               "    lists: {verb: [reset, find], thing: [password, invoice]}\n"
               "users:\n"
               "  asker:\n"
               "    flow: [{chat: {model: gpt-4o, question: support}}]\n"};

/* A template_name_fn: numbers are indexes into the lists. ctx is the form. */
static int resolve_list(void *ctx, const char *name, size_t len, uint32_t *ret_ref,
                        const char **reterr_hint)
{
    const struct questions_form *form = ctx;
    const struct word_list_form *lists = form->lists.items;
    const size_t prefix_len = strlen(LIST_PREFIX);

    *reterr_hint = "write {{ lists.NAME }}, with a list that stands under 'lists'";
    if (len <= prefix_len || strncmp(name, LIST_PREFIX, prefix_len) != 0)
        return -ENOENT;
    for (uint32_t i = 0; i < form->lists.count; i++) {
        const char *list = lists[i].form.key->text;

        if (strlen(list) == len - prefix_len &&
            strncmp(list, name + prefix_len, len - prefix_len) == 0) {
            *ret_ref = i;
            return 0;
        }
    }
    return -ENOENT;
}

static int make_template(struct making *making, const struct questions_form *form,
                         size_t index, struct plan_text *text)
{
    const char *const *written = (const char *const *)form->templates.items;
    const struct config_node *list = making_place(&form->form, "templates");
    const struct config_node *place =
        list->kind == CONFIG_LIST ? list->items[index] : list;

    if (!written[index])
        return 0; /* that was told when the form was filled */
    return making_text_of(making, place, written[index], resolve_list,
                          (struct questions_form *)(uintptr_t)form, text);
}

static int make_list(struct making *making, const struct word_list_form *form,
                     struct plan_word_list *list)
{
    const char *const *written = (const char *const *)form->words.items;
    const char **words =
        (const char **)making_array(making, form->words.count, sizeof(*words));
    int r = words ? making_copy(making, form->form.key->text, &list->name) : -ENOMEM;

    for (size_t i = 0; r == 0 && i < form->words.count; i++)
        r = making_copy(making, written[i], &words[i]);
    list->words = words;
    list->count = form->words.count;
    if (r == 0 && list->count == 0 && !form->form.faulty)
        r = MAKING_REFUSE(making, form->form.key, "write [one, two]",
                          "the list '%s' has no words", form->form.key->written);
    return r;
}

static int make_parts(struct making *making, const struct questions_form *form,
                      struct plan_questions *questions)
{
    const struct word_list_form *forms = form->lists.items;
    struct plan_text *templates =
        making_array(making, form->templates.count, sizeof(*templates));
    struct plan_word_list *lists =
        making_array(making, form->lists.count, sizeof(*lists));
    int r = templates && lists ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < form->lists.count; i++)
        r = make_list(making, &forms[i], &lists[i]);
    for (size_t i = 0; r == 0 && i < form->templates.count; i++)
        r = make_template(making, form, i, &templates[i]);
    questions->templates = templates;
    questions->template_count = form->templates.count;
    questions->lists = lists;
    questions->list_count = form->lists.count;
    if (r == 0 && form->templates.count == 0 && !form->form.faulty)
        r = MAKING_REFUSE(making, form->form.node, "add 'templates: [\"How …?\"]'",
                          "questions without templates");
    return r;
}

static void freep(char **text)
{
    free(*text);
}

/* The same keys in a file of their own, which may name no other. */
static int read_file(struct making *making, const struct questions_form *form,
                     struct plan_questions *questions)
{
    CLEANUP(config_tree_freep) struct config_tree *tree = NULL;
    CLEANUP(freep) char *text = NULL;
    const struct config_options *options = &making->options->config;
    const struct config_options reading = {.lookup = options->lookup,
                                           .lookup_ctx = options->lookup_ctx};
    const struct config_node *place = making_place(&form->form, "file");
    struct questions_form inner = {.form = {.node = NULL}};
    struct buf path = BUF_INIT(4096);
    size_t len = 0;
    int r = config_read(place, CONFIG_MAX_BYTES, making->diags, &text, &len);

    if (r == 0)
        r = config_beside(place, &path);
    if (r == 0)
        r = config_load_text(buf_str(&path), text, len, &reading, making->diags, &tree);
    buf_deinit(&path);
    if (!tree)
        return making_noted(r);
    r = making_noted(
        config_fill(tree, config_root(tree), &questions_table, &inner, making->diags));
    if (r == 0 && inner.file)
        r = MAKING_REFUSE(making, making_place(&inner.form, "file"),
                          "write the questions here", "a file that names another");
    return r < 0 || inner.file ? r : make_parts(making, &inner, questions);
}

int make_questions(struct making *making)
{
    const struct questions_form *forms = making->form->questions.items;
    const size_t count = making->form->questions.count;
    struct plan_questions *questions = making_array(making, count, sizeof(*questions));
    int r = questions ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < count; i++) {
        const struct config_form *head = &forms[i].form;

        r = making_copy(making, head->key->text, &questions[i].name);
        if (r == 0 && forms[i].file && (forms[i].templates.count || forms[i].lists.count))
            r = MAKING_REFUSE(making, making_place(head, "file"), "keep one of them",
                              "both 'file' and its keys");
        else if (r == 0 && forms[i].file)
            r = read_file(making, &forms[i], &questions[i]);
        else if (r == 0)
            r = make_parts(making, &forms[i], &questions[i]);
    }
    if (r < 0)
        return r;
    making->plan->questions = questions;
    making->plan->question_count = count;
    return 0;
}
