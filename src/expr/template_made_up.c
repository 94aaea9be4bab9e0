#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/digits.h"
#include "base/rng.h"
#include "expr/template_tree.h"

/* One of a list of texts. */
#define DRAW(scope, list) (list)[rng_below((scope)->rng, COUNT_OF(list))]

static const char *const english[] = {
    "able",    "amber",    "anchor",  "apple",    "arrow",   "autumn",  "basket",
    "beacon",  "bridge",   "bright",  "broad",    "brother", "candle",  "canyon",
    "carries", "castle",   "chapter", "circle",   "clear",   "coast",   "copper",
    "corner",  "cotton",   "crosses", "dawn",     "deep",    "desert",  "distant",
    "doctor",  "draws",    "early",   "eastern",  "echo",    "empty",   "engine",
    "evening", "falcon",   "family",  "farmer",   "feather", "fields",  "finds",
    "forest",  "friend",   "garden",  "gentle",   "glass",   "golden",  "granite",
    "green",   "harbour",  "harvest", "hidden",   "hollow",  "honest",  "horizon",
    "island",  "ivory",    "journey", "keeps",    "kitchen", "ladder",  "lantern",
    "learns",  "letter",   "library", "light",    "listens", "little",  "maple",
    "market",  "marble",   "meadow",  "merchant", "mirror",  "morning", "mountain",
    "narrow",  "northern", "number",  "ocean",    "orchard", "orange",  "paper",
    "patient", "pebble",   "pilot",   "planet",   "pocket",  "present", "quarter",
    "quick",   "quiet",    "railway", "raises",   "reader",  "river",   "rolling",
    "rough",   "round",    "sailor",  "sandy",    "season",  "shadow",  "silver",
    "simple",  "sister",   "slow",    "southern", "sparrow", "spring",  "station",
    "steady",  "stone",    "story",   "summer",   "teacher", "thunder", "timber",
    "travels", "valley",   "velvet",  "village",  "walks",   "water",   "western",
    "window",  "winter",   "wooden",  "yellow",
};

static const char *const latin[] = {
    "lorem",      "ipsum",        "dolor",
    "sit",        "amet",         "consectetur",
    "adipiscing", "elit",         "sed",
    "do",         "eiusmod",      "tempor",
    "incididunt", "ut",           "labore",
    "et",         "dolore",       "magna",
    "aliqua",     "enim",         "ad",
    "minim",      "veniam",       "quis",
    "nostrud",    "exercitation", "ullamco",
    "laboris",    "nisi",         "aliquip",
    "ex",         "ea",           "commodo",
    "consequat",  "duis",         "aute",
    "irure",      "in",           "reprehenderit",
    "voluptate",  "velit",        "esse",
    "cillum",     "eu",           "fugiat",
    "nulla",      "pariatur",     "excepteur",
    "sint",       "occaecat",     "cupidatat",
    "non",        "proident",     "sunt",
    "culpa",      "qui",          "officia",
    "deserunt",   "mollit",       "anim",
};

static const char *const first_names[] = {
    "Ada",    "Aisha",  "Alan",   "Amina", "Anders", "Beatriz", "Bruno",  "Carmen",
    "Chen",   "Clara",  "Daniel", "Diana", "Elena",  "Emil",    "Esther", "Farid",
    "Fatima", "Grace",  "Hana",   "Hugo",  "Ines",   "Ivan",    "Jonas",  "Julia",
    "Kamal",  "Karin",  "Kenji",  "Lars",  "Leila",  "Lucia",   "Marco",  "Maria",
    "Mei",    "Nadia",  "Nikos",  "Noor",  "Olga",   "Omar",    "Paula",  "Pedro",
    "Priya",  "Rafael", "Rosa",   "Samir", "Sara",   "Tariq",   "Thea",   "Tomas",
    "Uma",    "Viktor", "Wanda",  "Wei",   "Yara",   "Yusuf",   "Zofia",
};

static const char *const last_names[] = {
    "Adeyemi", "Almeida", "Andersson", "Bakker",   "Bauer",     "Bianchi", "Castro",
    "Chen",    "Costa",   "Dubois",    "Eriksen",  "Farah",     "Fischer", "Garcia",
    "Haddad",  "Hansen",  "Horvat",    "Ibrahim",  "Ivanova",   "Jensen",  "Kaya",
    "Khan",    "Kim",     "Kowalski",  "Larsen",   "Lindqvist", "Lopez",   "Mensah",
    "Meyer",   "Moreau",  "Mueller",   "Nakamura", "Nguyen",    "Novak",   "Okafor",
    "Okoro",   "Olsen",   "Park",      "Patel",    "Pereira",   "Petrov",  "Popescu",
    "Rahman",  "Ricci",   "Romero",    "Rossi",    "Sato",      "Schmidt", "Silva",
    "Singh",   "Suzuki",  "Tanaka",    "Vasquez",  "Weber",     "Yilmaz",  "Zhang",
};

static const char *const trades[] = {
    "Analytics", "Consulting", "Design",   "Foods",       "Instruments", "Labs",
    "Logistics", "Media",      "Robotics", "Software",    "Systems",     "Textiles",
    "Travel",    "& Partners", "& Sons",   "& Daughters",
};

static const char *const cities[] = {
    "Accra",    "Amsterdam", "Athens",   "Bangalore", "Barcelona", "Berlin",     "Bogota",
    "Boston",   "Brussels",  "Cairo",    "Cape Town", "Chicago",   "Copenhagen", "Dublin",
    "Hanoi",    "Helsinki",  "Istanbul", "Jakarta",   "Kyoto",     "Lagos",      "Lima",
    "Lisbon",   "London",    "Lyon",     "Madrid",    "Manila",    "Melbourne",  "Milan",
    "Montreal", "Munich",    "Nairobi",  "Osaka",     "Oslo",      "Paris",      "Porto",
    "Prague",   "Rome",      "Seoul",    "Singapore", "Stockholm", "Sydney",     "Taipei",
    "Tallinn",  "Toronto",   "Vienna",   "Warsaw",    "Zagreb",    "Zurich",
};

static const char *const countries[] = {
    "Argentina",    "Australia",   "Austria",  "Belgium",   "Brazil",
    "Canada",       "Chile",       "Colombia", "Croatia",   "Denmark",
    "Egypt",        "Estonia",     "Finland",  "France",    "Germany",
    "Ghana",        "Greece",      "India",    "Indonesia", "Ireland",
    "Italy",        "Japan",       "Kenya",    "Mexico",    "Morocco",
    "Netherlands",  "New Zealand", "Nigeria",  "Norway",    "Peru",
    "Poland",       "Portugal",    "Romania",  "Senegal",   "Singapore",
    "South Africa", "South Korea", "Spain",    "Sweden",    "Switzerland",
    "Turkey",       "Uruguay",     "Vietnam",
};

static const char *const user_agents[] = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/138.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.5 Safari/605.1.15",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like "
    "Gecko) Chrome/138.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, "
    "like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/138.0.0.0 Mobile Safari/537.36",
};

static void append_count(struct buf *out, uint64_t count)
{
    char digits[DIGITS_MAX];
    const char *end = digits_decimal(digits, count);

    buf_append(out, digits, (size_t)(end - digits));
}

static void append_words(const struct template_scope *scope, const char *const *list,
                         size_t length, size_t count, struct buf *out)
{
    for (size_t i = 0; i < count && !buf_error(out); i++) {
        if (i > 0)
            buf_append_char(out, ' ');
        buf_append_str(out, list[rng_below(scope->rng, length)]);
    }
}

static size_t count_of(const struct template_arguments *arguments, size_t otherwise)
{
    return arguments->count > 0 ? (size_t)arguments->items[0].number : otherwise;
}

void template_write_word(const struct template_scope *scope,
                         const struct template_arguments *arguments, struct buf *out)
{
    (void)arguments;
    buf_append_str(out, DRAW(scope, english));
}

void template_write_words(const struct template_scope *scope,
                          const struct template_arguments *arguments, struct buf *out)
{
    append_words(scope, english, COUNT_OF(english), count_of(arguments, 1), out);
}

void template_write_lorem(const struct template_scope *scope,
                          const struct template_arguments *arguments, struct buf *out)
{
    append_words(scope, latin, COUNT_OF(latin), count_of(arguments, 1), out);
}

static void append_sentence(const struct template_scope *scope, size_t count,
                            struct buf *out)
{
    const size_t start = out->len;

    append_words(scope, english, COUNT_OF(english), count, out);
    if (buf_append_char(out, '.') == 0)
        out->bytes[start] = (char)(out->bytes[start] - 'a' + 'A');
}

void template_write_sentence(const struct template_scope *scope,
                             const struct template_arguments *arguments, struct buf *out)
{
    append_sentence(scope, count_of(arguments, 8), out);
}

void template_write_paragraph(const struct template_scope *scope,
                              const struct template_arguments *arguments, struct buf *out)
{
    (void)arguments;
    for (int i = 0; i < 4; i++) {
        if (i > 0)
            buf_append_char(out, ' ');
        append_sentence(scope, 6 + (size_t)rng_below(scope->rng, 7), out);
    }
}

void template_write_first_name(const struct template_scope *scope,
                               const struct template_arguments *arguments,
                               struct buf *out)
{
    (void)arguments;
    buf_append_str(out, DRAW(scope, first_names));
}

void template_write_last_name(const struct template_scope *scope,
                              const struct template_arguments *arguments, struct buf *out)
{
    (void)arguments;
    buf_append_str(out, DRAW(scope, last_names));
}

void template_write_name(const struct template_scope *scope,
                         const struct template_arguments *arguments, struct buf *out)
{
    template_write_first_name(scope, arguments, out);
    buf_append_char(out, ' ');
    template_write_last_name(scope, arguments, out);
}

/* Made of ASCII letters alone, as all names here are. */
static void append_lower(struct buf *out, const char *name)
{
    for (; *name; name++)
        buf_append_char(out,
                        (char)(*name >= 'A' && *name <= 'Z' ? *name - 'A' + 'a' : *name));
}

void template_write_email(const struct template_scope *scope,
                          const struct template_arguments *arguments, struct buf *out)
{
    static const char *const domains[] = {"mail", "post", "inbox", "example"};

    (void)arguments;
    append_lower(out, DRAW(scope, first_names));
    buf_append_char(out, '.');
    append_lower(out, DRAW(scope, last_names));
    append_count(out, rng_below(scope->rng, 10000));
    buf_append_char(out, '@');
    buf_append_str(out, DRAW(scope, domains));
    buf_append_str(out, ".invalid");
}

void template_write_company(const struct template_scope *scope,
                            const struct template_arguments *arguments, struct buf *out)
{
    template_write_last_name(scope, arguments, out);
    buf_append_char(out, ' ');
    buf_append_str(out, DRAW(scope, trades));
}

void template_write_city(const struct template_scope *scope,
                         const struct template_arguments *arguments, struct buf *out)
{
    (void)arguments;
    buf_append_str(out, DRAW(scope, cities));
}

void template_write_country(const struct template_scope *scope,
                            const struct template_arguments *arguments, struct buf *out)
{
    (void)arguments;
    buf_append_str(out, DRAW(scope, countries));
}

void template_write_phone(const struct template_scope *scope,
                          const struct template_arguments *arguments, struct buf *out)
{
    static const char *const areas[] = {"202", "212", "303", "312",
                                        "415", "512", "617", "713"};

    (void)arguments;
    buf_append_str(out, "+1-");
    buf_append_str(out, DRAW(scope, areas));
    buf_append_str(out, "-555-0");
    append_count(out, 100 + rng_below(scope->rng, 100));
}

void template_write_ip(const struct template_scope *scope,
                       const struct template_arguments *arguments, struct buf *out)
{
    (void)arguments;
    buf_append_str(out, rng_below(scope->rng, 2) ? "198.19." : "198.18.");
    append_count(out, rng_below(scope->rng, 256));
    buf_append_char(out, '.');
    append_count(out, 1 + rng_below(scope->rng, 254));
}

void template_write_user_agent(const struct template_scope *scope,
                               const struct template_arguments *arguments,
                               struct buf *out)
{
    (void)arguments;
    buf_append_str(out, DRAW(scope, user_agents));
}
