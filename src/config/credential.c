#include "config/credential.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "config/file.h"
#include "config/tree.h"

/* A key, a token, a long JWT. */
#define MAX_SECRET_BYTES ((size_t)64 * 1024)

/* what: whose content it is, for the message. The line is not shown: it may hold the secret. */
static int own(struct config_tree *tree, const struct field *field,
               const struct config_node *node, const char *what, const char *text,
               void *member, struct diag_list *reterr_diags)
{
    struct secret *secret;
    int r = secret_new(text, &secret);

    if (r == -EINVAL)
        return diag_add(reterr_diags, node->place,
                        "a key is one line of printable characters",
                        "%s: %s is empty, or holds a line break or another control "
                        "character",
                        field->key, what);
    if (r < 0)
        return r;
    r = tree_own_secret(tree, secret);
    if (r < 0)
        return r;
    *(const struct secret **)member = secret;
    return 0;
}

int credential_from_text(struct config_tree *tree, const struct field *field,
                         const struct config_node *node, void *member,
                         struct diag_list *reterr_diags)
{
    return own(tree, field, node, node->from_env ? node->written : "the text", node->text,
               member, reterr_diags);
}

static void wipe_and_free(char *text, size_t len)
{
    secret_wipe(text, len);
    free(text);
}

int credential_from_file(struct config_tree *tree, const struct field *field,
                         const struct config_node *node, void *member,
                         struct diag_list *reterr_diags)
{
    const struct config_node *named = config_find(node, "file");
    const char *path;
    char *text = NULL;
    size_t len = 0;
    size_t kept;
    int r;

    if (node->count != 1 || !named || named->kind != CONFIG_SCALAR)
        return diag_add(reterr_diags, node->place, "write {file: path}, or ${NAME}",
                        "%s: a map that does not name a file", field->key);
    path = file_beside(tree, named->place.file, named->text);
    if (!path)
        return -ENOMEM;
    r = file_read(path, MAX_SECRET_BYTES, &text, &len);
    if (r == -ENOMEM)
        return r;
    if (r < 0)
        return diag_add(reterr_diags, named->place, NULL, "%s: cannot read '%s': %s",
                        field->key, named->written, file_error(r));
    kept = len;
    while (kept > 0 && (text[kept - 1] == '\n' || text[kept - 1] == '\r'))
        kept--;
    text[kept] = '\0';
    if (strlen(text) != kept)
        kept = 0; /* a NUL inside: refused as an empty one */
    text[kept] = '\0';
    r = own(tree, field, named, "the file", text, member, reterr_diags);
    wipe_and_free(text, len);
    return r;
}
