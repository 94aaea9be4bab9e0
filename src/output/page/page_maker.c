/*
 * page_maker OUT.c NAME TEMPLATE.html FILE…: a template and what it takes in → C source of a `const struct page NAME`.
 * Runs while throng is built. In the template stand:
 *
 *   {{file NAME…}}    the text of these files of those given, one below the other
 *   {{policy MORE}}   the Content-Security-Policy: nothing but the template's own <style> and <script> elements, by their
 *                     hashes (CSP Level 3, section 8.4), and MORE, such as connect-src 'self'
 *   {{data}}          where the data of the page will stand
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#define POLICY_PLACE "{{policy"
#define DATA_PLACE "{{data}}"
#define MAX_PAGE_BYTES ((size_t)16 << 20)
#define DIGEST_BYTES 32
#define DIGEST_TEXT_BYTES 48 /* base64 of it, with its NUL */

/* A text that grows; the program ends where there is no memory. */
struct text {
    char *bytes;
    size_t len;
};

static void die(const char *what, const char *about)
{
    (void)fprintf(stderr, "page_maker: %s: %s\n", about, what);
    _Exit(1);
}

static void append(struct text *text, const char *bytes, size_t len)
{
    const size_t wanted = text->len + len + 1;
    char *grown = NULL;

    if (wanted > MAX_PAGE_BYTES)
        die("too large", "page");
    grown = realloc(text->bytes, wanted);
    if (!grown)
        die("no memory", "page");
    text->bytes = grown;
    memcpy(text->bytes + text->len, bytes, len);
    text->len += len;
    text->bytes[text->len] = '\0';
}

static void append_str(struct text *text, const char *str)
{
    append(text, str, strlen(str));
}

static void append_file(struct text *text, const char *path)
{
    char piece[16 * 1024];
    FILE *file = fopen(path, "re");
    size_t len = 0;

    if (!file)
        die(strerror(errno), path);
    do {
        len = fread(piece, 1, sizeof(piece), file);
        append(text, piece, len);
    } while (len == sizeof(piece));
    if (ferror(file) || fclose(file) != 0)
        die("cannot be read", path);
}

/* The path of those given that ends in a name. */
static const char *find_file(char **paths, const char *name, size_t len)
{
    for (; *paths; paths++) {
        const char *slash = strrchr(*paths, '/');
        const char *last = slash ? slash + 1 : *paths;

        if (strlen(last) == len && memcmp(last, name, len) == 0)
            return *paths;
    }
    (void)fprintf(stderr, "page_maker: %.*s: not among the files of this page\n",
                  (int)len, name);
    _Exit(1);
}

/* The files that a place names: "a.js b.js}}" up to its end. Returns what stands behind it. */
static const char *append_files(struct text *text, const char *names, char **paths)
{
    while (*names != '}' && *names != '\0') {
        const size_t len = strcspn(names, " \n}");

        if (len > 0) {
            append_file(text, find_file(paths, names, len));
            append_str(text, "\n");
        }
        names += len;
        names += strspn(names, " \n");
    }
    if (strncmp(names, "}}", 2) != 0)
        die("a {{file …}} does not end", "template");
    return names + 2;
}

static struct text take_in(const struct text *template, char **paths)
{
    static const char place[] = "{{file ";
    struct text page = {0};
    const char *from = template->bytes;

    for (const char *at = strstr(from, place); at; at = strstr(from, place)) {
        append(&page, from, (size_t)(at - from));
        from = append_files(&page, at + sizeof(place) - 1, paths);
    }
    append_str(&page, from);
    return page;
}

/* " 'sha256-…'" of what stands in an element. */
static void append_hash(struct text *text, const char *bytes, size_t len)
{
    unsigned char digest[DIGEST_BYTES];
    unsigned char coded[DIGEST_TEXT_BYTES];

    if (EVP_Digest(bytes, len, digest, NULL, EVP_sha256(), NULL) != 1)
        die("cannot be hashed", "page");
    (void)EVP_EncodeBlock(coded, digest, sizeof(digest));
    append_str(text, " 'sha256-");
    append_str(text, (const char *)coded);
    append_str(text, "'");
}

/* One directive for all elements of a kind: opening "<script>", closing "</script>". */
static void append_directive(struct text *policy, const char *name, const char *page,
                             const char *opening, const char *closing)
{
    append_str(policy, name);
    for (const char *at = strstr(page, opening); at; at = strstr(at, opening)) {
        const char *from = at + strlen(opening);
        const char *end = strstr(from, closing);

        if (!end)
            die("an element does not end", opening);
        append_hash(policy, from, (size_t)(end - from));
        at = end;
    }
}

static struct text policy_of(const char *page, const char *more, size_t more_len)
{
    struct text policy = {0};

    append_str(&policy, "default-src 'none'; ");
    append_directive(&policy, "script-src", page, "<script>", "</script>");
    append_directive(&policy, "; style-src", page, "<style>", "</style>");
    append_str(&policy, "; img-src data:; base-uri 'none'; form-action 'none'");
    if (more_len > 0) {
        append_str(&policy, "; ");
        append(&policy, more, more_len);
    }
    return policy;
}

/* Puts the policy in its place. */
static struct text set_policy(struct text *page, struct text *ret_policy)
{
    struct text whole = {0};
    const char *place = strstr(page->bytes, POLICY_PLACE);
    const char *end = place ? strstr(place, "}}") : NULL;
    const char *more = place ? place + strlen(POLICY_PLACE) : NULL;

    if (!end)
        die("has no {{policy}}", "template");
    more += strspn(more, " ");
    *ret_policy = policy_of(page->bytes, more, (size_t)(end - more));
    append(&whole, page->bytes, (size_t)(place - page->bytes));
    append_str(&whole, ret_policy->bytes);
    append_str(&whole, end + 2);
    return whole;
}

static void write_bytes(FILE *out, const char *name, const char *bytes, size_t len)
{
    (void)fprintf(out, "static const unsigned char %s[] = {", name);
    for (size_t i = 0; i < len; i++)
        (void)fprintf(out, "%s%u,", i % 32 == 0 ? "\n" : "", (unsigned char)bytes[i]);
    (void)fprintf(out, "\n};\n");
}

static void write_source(FILE *out, const char *name, const struct text *page,
                         const struct text *policy)
{
    const char *place = strstr(page->bytes, DATA_PLACE);

    if (!place)
        die("has no {{data}}", "template");
    (void)fprintf(out, "#include \"output/page.h\"\n#include \"output/page_text.h\"\n");
    write_bytes(out, "head", page->bytes, (size_t)(place - page->bytes));
    write_bytes(out, "tail", place + strlen(DATA_PLACE),
                strlen(place) - strlen(DATA_PLACE));
    (void)fprintf(out,
                  "const struct page %s = {head, sizeof(head), tail, sizeof(tail), "
                  "\"%s\"};\n",
                  name, policy->bytes);
}

int main(int argc, char **argv)
{
    struct text template = {0};
    struct text page = {0};
    struct text policy = {0};
    struct text whole = {0};
    FILE *out = NULL;

    if (argc < 4)
        die("OUT.c NAME TEMPLATE.html FILE…", "usage");
    append_file(&template, argv[3]);
    page = take_in(&template, argv + 4);
    whole = set_policy(&page, &policy);
    out = fopen(argv[1], "we");
    if (!out)
        die(strerror(errno), argv[1]);
    write_source(out, argv[2], &whole, &policy);
    if (fclose(out) != 0)
        die(strerror(errno), argv[1]);
    free(template.bytes);
    free(page.bytes);
    free(policy.bytes);
    free(whole.bytes);
    return 0;
}
