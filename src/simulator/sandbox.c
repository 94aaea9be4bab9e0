#include "simulator/sandbox.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define ROOT "/workspace/"
#define PATH_BYTES_MAX 256
#define WRITTEN_MAX 32
#define FILE_BYTES_MAX (16 * 1024)

/* What every session begins with. */
static const struct {
    const char *path;
    const char *text;
} given[] = {
    {"README.md", "# Workspace\n\nA place for tools to read and write.\n"},
    {"src/main.py", "def main():\n    print(\"hello\")\n\n\nmain()\n"},
    {"docs/notes.txt", "Nothing to see here, but it can be read.\n"},
    {"data/numbers.csv", "n,square\n1,1\n2,4\n3,9\n"},
};

struct written {
    char *path; /* owned */
    char *text; /* owned */
};

struct sandbox {
    struct written files[WRITTEN_MAX];
    size_t count;
};

struct sandbox *sandbox_new(void)
{
    return calloc(1, sizeof(struct sandbox));
}

struct sandbox *sandbox_free(struct sandbox *sandbox)
{
    for (size_t i = 0; sandbox && i < sandbox->count; i++) {
        free(sandbox->files[i].path);
        free(sandbox->files[i].text);
    }
    free(sandbox);
    return NULL;
}

/* Takes the last part off a path. Returns false where there is none to take. */
static bool go_up(char path[static PATH_BYTES_MAX], size_t *len)
{
    if (*len == 0)
        return false;
    while (*len > 0 && path[*len - 1] != '/')
        (*len)--;
    if (*len > 0)
        (*len)--;
    return true;
}

/* Appends a part to a path. Returns false where it does not fit. */
static bool go_down(char path[static PATH_BYTES_MAX], size_t *len, const char *part,
                    size_t part_len)
{
    if (*len + part_len + 2 > PATH_BYTES_MAX)
        return false;
    if (*len > 0)
        path[(*len)++] = '/';
    memcpy(path + *len, part, part_len);
    *len += part_len;
    return true;
}

/*
 * Writes a path as it is from the root, without "." and "..". Returns false when it leads out of
 * the sandbox, or is longer than any in it.
 */
static bool resolve(const char *path, char ret_path[static PATH_BYTES_MAX])
{
    size_t len = 0;

    if (strncmp(path, ROOT, strlen(ROOT)) == 0)
        path += strlen(ROOT);
    else if (path[0] == '/' || path[0] == '~' || strchr(path, '\\') ||
             strstr(path, "://"))
        return false;
    while (*path) {
        const size_t part_len = strcspn(path, "/");
        const bool is_up = part_len == 2 && strncmp(path, "..", 2) == 0;
        const bool is_here = part_len == 0 || (part_len == 1 && path[0] == '.');

        if (is_up ? !go_up(ret_path, &len)
                  : !is_here && !go_down(ret_path, &len, path, part_len))
            return false;
        path += part_len + (path[part_len] == '/');
    }
    ret_path[len] = '\0';
    return true;
}

/* The place of a file that was written; count where there is none. */
static size_t find(const struct sandbox *sandbox, const char *path)
{
    size_t i = 0;

    while (i < sandbox->count && strcmp(sandbox->files[i].path, path) != 0)
        i++;
    return i;
}

static const char *given_text(const char *path)
{
    for (size_t i = 0; i < COUNT_OF(given); i++) {
        if (strcmp(given[i].path, path) == 0)
            return given[i].text;
    }
    return NULL;
}

enum sandbox_result sandbox_read(const struct sandbox *sandbox, const char *path,
                                 const char **ret_text)
{
    char resolved[PATH_BYTES_MAX];
    const char *text;
    size_t at;

    if (!resolve(path, resolved))
        return SANDBOX_VIOLATION;
    at = find(sandbox, resolved);
    text = at < sandbox->count ? sandbox->files[at].text : given_text(resolved);
    if (!text)
        return SANDBOX_MISSING;
    *ret_text = text;
    return SANDBOX_OK;
}

static enum sandbox_result add(struct sandbox *sandbox, const char *path, char *text)
{
    char *copy = sandbox->count < WRITTEN_MAX ? strdup(path) : NULL;

    if (!copy)
        return SANDBOX_FULL;
    sandbox->files[sandbox->count++] = (struct written){copy, text};
    return SANDBOX_OK;
}

enum sandbox_result sandbox_write(struct sandbox *sandbox, const char *path,
                                  const char *text)
{
    char resolved[PATH_BYTES_MAX];
    enum sandbox_result result = SANDBOX_OK;
    char *copy;
    size_t at;

    /* The root itself is no file. */
    if (!resolve(path, resolved) || resolved[0] == '\0')
        return SANDBOX_VIOLATION;
    copy = strlen(text) <= FILE_BYTES_MAX ? strdup(text) : NULL;
    if (!copy)
        return SANDBOX_FULL;
    at = find(sandbox, resolved);
    if (at < sandbox->count) {
        free(sandbox->files[at].text);
        sandbox->files[at].text = copy;
        return SANDBOX_OK;
    }
    result = add(sandbox, resolved, copy);
    if (result != SANDBOX_OK)
        free(copy);
    return result;
}

const char *sandbox_written(const struct sandbox *sandbox, size_t index, bool *ret_is_new)
{
    if (index >= sandbox->count)
        return NULL;
    *ret_is_new = given_text(sandbox->files[index].path) == NULL;
    return sandbox->files[index].path;
}
