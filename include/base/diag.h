/*
 * Diagnostics: what is wrong in a text file that somebody wrote, with its place. All mistakes of
 * one reading are collected and printed like a good compiler's: place, sentence, the line, a caret
 * and a hint. It reads no files: the texts are lent by the one who parses them.
 */
#pragma once

#include <stddef.h>

struct buf;
struct diag_list;

/* A place in a source text. */
struct diag_place {
    const char *file; /* as the user named it; copied */
    size_t line;      /* from 1; 0: the file as a whole */
    size_t column;    /* from 1, in characters; 0: the line as a whole */
    size_t width;     /* characters that the caret underlines, 0 counts as 1 */
};

/* Returns 0 or -ENOMEM. max_count: past it, further diagnostics are only counted. */
int diag_list_new(size_t max_count, struct diag_list **ret_list);

/* NULL is allowed. Returns NULL. */
struct diag_list *diag_list_free(struct diag_list *list);

/* Copies a source text, so that lines can be shown from it. Returns 0 or -ENOMEM. */
int diag_list_add_source(struct diag_list *list, const char *file, const char *text,
                         size_t len);

/*
 * Adds an error: a sentence without the place ("unknown key 'thnk_time'") and a hint of what to
 * write instead ("did you mean 'think_time'?"; may be NULL). Both are copied. The same sentence at
 * the same place is kept once.
 * Returns -EINVAL, so that a parser can `return diag_add(...)`; -ENOMEM.
 */
__attribute__((format(printf, 4, 5))) int diag_add(struct diag_list *list,
                                                   struct diag_place place,
                                                   const char *hint, const char *format,
                                                   ...);

/* How many errors were added (those past max_count too). */
size_t diag_count(const struct diag_list *list);

/* Writes all, ordered by file and place; colour: with ANSI colours. */
int diag_print(const struct diag_list *list, int colour, struct buf *out);
