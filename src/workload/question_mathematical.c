#include "base/cleanup.h"
#include "workload/question_pen.h"
#include "workload/question_strategies.h"

static const struct phrase vehicles_phrases[] = {
    PHRASE("An express train"), PHRASE("A light aircraft"),   PHRASE("A night train"),
    PHRASE("A sports car"),     PHRASE("A helicopter"),       PHRASE("A rally car"),
    PHRASE("A mail plane"),     PHRASE("A relay of drivers"),
};
static const struct phrase_table vehicles = PHRASES(vehicles_phrases);

static const struct phrase shops_phrases[] = {
    PHRASE("A bookshop"),      PHRASE("A bakery"),       PHRASE("A garden centre"),
    PHRASE("A hardware shop"), PHRASE("A tea merchant"), PHRASE("A second-hand dealer"),
    PHRASE("A print shop"),    PHRASE("A farm shop"),    PHRASE("A toy shop"),
    PHRASE("A museum shop"),
};
static const struct phrase_table shops = PHRASES(shops_phrases);

static const struct phrase goods_phrases[] = {
    PHRASE("notebooks"),    PHRASE("lamps"),          PHRASE("jars of honey"),
    PHRASE("chairs"),       PHRASE("boxes of tiles"), PHRASE("umbrellas"),
    PHRASE("bags of seed"), PHRASE("candles"),        PHRASE("puzzles"),
    PHRASE("mugs"),         PHRASE("blankets"),       PHRASE("posters"),
};
static const struct phrase_table goods = PHRASES(goods_phrases);

static const struct phrase solids_phrases[] = {
    PHRASE("A cylindrical water tank"), PHRASE("A cylindrical grain silo"),
    PHRASE("A round swimming pool"),    PHRASE("A cylindrical cistern"),
    PHRASE("A round wine vat"),         PHRASE("A round concrete shaft"),
    PHRASE("A cylindrical oil drum"),
};
static const struct phrase_table solids = PHRASES(solids_phrases);

static const struct phrase cones_phrases[] = {
    PHRASE("A conical pile of sand"), PHRASE("A conical roof"),
    PHRASE("A conical heap of salt"), PHRASE("A conical heap of gravel"),
    PHRASE("A conical tent"),
};
static const struct phrase_table cones = PHRASES(cones_phrases);

static const struct phrase bases_phrases[] = {
    PHRASE("binary"), PHRASE("base 3"),  PHRASE("base 5"),      PHRASE("octal"),
    PHRASE("base 7"), PHRASE("base 12"), PHRASE("hexadecimal"), PHRASE("base 20"),
};
static const struct phrase_table bases = PHRASES(bases_phrases);

static const struct phrase theorems_phrases[] = {
    PHRASE("the Pythagorean theorem"),
    PHRASE("Fermat's little theorem"),
    PHRASE("the infinitude of the primes"),
    PHRASE("the fundamental theorem of calculus"),
    PHRASE("the law of cosines"),
    PHRASE("the irrationality of the square root of 2"),
    PHRASE("the binomial theorem"),
    PHRASE("the mean value theorem"),
    PHRASE("Bayes' theorem"),
    PHRASE("the pigeonhole principle"),
    PHRASE("the Cauchy-Schwarz inequality"),
    PHRASE("the law of large numbers"),
    PHRASE("Euler's formula for polyhedra"),
    PHRASE("the Chinese remainder theorem"),
    PHRASE("the intermediate value theorem"),
    PHRASE("Wilson's theorem"),
    PHRASE("the central limit theorem"),
    PHRASE("Cantor's diagonal argument"),
    PHRASE("the prime number theorem"),
    PHRASE("the handshaking lemma"),
};
static const struct phrase_table theorems = PHRASES(theorems_phrases);

static const struct phrase audiences_phrases[] = {
    PHRASE("a curious twelve-year-old"),
    PHRASE("a first-year student"),
    PHRASE("a carpenter"),
    PHRASE("a colleague who dislikes formulas"),
    PHRASE("a class of adults"),
    PHRASE("an engineer in a hurry"),
    PHRASE("a chess player"),
    PHRASE("a sceptical friend"),
    PHRASE("a musician"),
    PHRASE("someone who loves puzzles"),
};
static const struct phrase_table audiences = PHRASES(audiences_phrases);

static const struct phrase people_phrases[] = {
    PHRASE("musicians"), PHRASE("engineers"), PHRASE("volunteers"), PHRASE("players"),
    PHRASE("students"),  PHRASE("nurses"),    PHRASE("candidates"), PHRASE("gardeners"),
    PHRASE("dancers"),   PHRASE("cooks"),
};
static const struct phrase_table people = PHRASES(people_phrases);

static const struct phrase counters_phrases[] = {
    PHRASE("marbles"), PHRASE("beads"), PHRASE("tokens"), PHRASE("buttons"),
    PHRASE("tickets"), PHRASE("cards"), PHRASE("sweets"), PHRASE("balls"),
};
static const struct phrase_table counters = PHRASES(counters_phrases);

static const struct phrase series_phrases[] = {
    PHRASE("the arithmetic series"),
    PHRASE("the sequence of seats per row in a theatre"),
    PHRASE("the savings plan"),
    PHRASE("the training plan in kilometres"),
    PHRASE("the stack of logs, row by row,"),
};
static const struct phrase_table series = PHRASES(series_phrases);

static const struct phrase functions_phrases[] = {
    PHRASE("sin"),
    PHRASE("cos"),
};
static const struct phrase_table functions = PHRASES(functions_phrases);

static const struct phrase measures_phrases[] = {
    PHRASE("the height of seedlings in millimetres"),
    PHRASE("the waiting time in minutes"),
    PHRASE("the daily visitors of a small museum"),
    PHRASE("the weight of letters in grams"),
    PHRASE("the temperature at noon in degrees"),
    PHRASE("the number of calls per hour"),
    PHRASE("the length of nails in millimetres"),
    PHRASE("the points per game"),
};
static const struct phrase_table measures = PHRASES(measures_phrases);

static const struct phrase notes_phrases[] = {
    PHRASE("Show every step."),
    PHRASE("Explain the method in words as well."),
    PHRASE("Check the result in a second way."),
    PHRASE("Give the intermediate results too."),
    PHRASE("State which formula you use."),
    PHRASE("Keep the answer short."),
    PHRASE("Say how you would estimate it first."),
    PHRASE("Point out the most likely mistake."),
    PHRASE("Write it for someone who is rusty."),
    PHRASE("End with a one-sentence summary."),
};
static const struct phrase_table notes = PHRASES(notes_phrases);

static const struct phrase starters_phrases[] = {
    PHRASE("A delivery van"), PHRASE("A coach"),         PHRASE("A goods train"),
    PHRASE("A tram"),         PHRASE("A night bus"),     PHRASE("A tractor on a road"),
    PHRASE("A moped"),        PHRASE("A removal lorry"),
};
static const struct phrase_table starters = PHRASES(starters_phrases);

static const struct question_template templates[] = {
    TEMPLATE(TEXT("What is "), NUMBER(123, 989), TEXT(" multiplied by "), NUMBER(47, 968),
             TEXT(", and how would you do it in your head? "), WORD(notes)),
    TEMPLATE(WORD(vehicles), TEXT(" covers "), NUMBER(160, 980), TEXT(" kilometres in "),
             NUMBER(3, 7), TEXT(" hours and "), NUMBER(5, 55),
             TEXT(" minutes. What is its average speed? "), WORD(notes)),
    TEMPLATE(TEXT("Find all real solutions of "), NUMBER(2, 9), TEXT("x² + "),
             NUMBER(11, 47), TEXT("x − "), NUMBER(3, 38), TEXT(" = 0. "), WORD(notes)),
    TEMPLATE(TEXT("The legs of a right triangle measure "), NUMBER(3, 89),
             TEXT(" cm and "), NUMBER(4, 97),
             TEXT(" cm. How long is the hypotenuse, and how "),
             TEXT("large are the two other angles? "), WORD(notes)),
    TEMPLATE(TEXT("What is the derivative of f(x) = "), NUMBER(2, 19), TEXT("x^"),
             NUMBER(3, 9), TEXT(" + "), NUMBER(2, 14), TEXT("·"), WORD(functions),
             TEXT("("), NUMBER(2, 9), TEXT("x) at x = "), NUMBER(1, 7), TEXT("? "),
             WORD(notes)),
    TEMPLATE(TEXT("Evaluate the integral of "), NUMBER(2, 17), TEXT("x² + "),
             NUMBER(3, 29), TEXT("x + "), NUMBER(1, 40), TEXT(" from "), NUMBER(0, 6),
             TEXT(" to "), MORE(1, 9), TEXT(". "), WORD(notes)),
    TEMPLATE(TEXT("In how many ways can a committee of "), NUMBER(3, 7),
             TEXT(" be chosen from "), NUMBER(12, 48), TEXT(" "), WORD(people),
             TEXT(", if two of them refuse to serve together? "), WORD(notes)),
    TEMPLATE(TEXT("A bag holds "), NUMBER(4, 30), TEXT(" red and "), NUMBER(5, 32),
             TEXT(" blue "), WORD(counters),
             TEXT(". Two are drawn without putting the first one "),
             TEXT("back. How likely is it that both are red? "), WORD(notes)),
    TEMPLATE(WORD(shops), TEXT(" sells "), WORD(goods), TEXT(" at "), NUMBER(3, 48),
             TEXT(" euros each and takes "), NUMBER(4, 35),
             TEXT(" percent off from the "), NUMBER(5, 20), TEXT("th piece on. What do "),
             NUMBER(30, 160), TEXT(" pieces cost? "), WORD(notes)),
    TEMPLATE(TEXT("What is the greatest common divisor of "), NUMBER(1008, 9990),
             TEXT(" and "), NUMBER(504, 8820), TEXT("? "), WORD(notes)),
    TEMPLATE(TEXT("Write the number "), NUMBER(130, 9999), TEXT(" in "), WORD(bases),
             TEXT(" and in "), OTHER(bases), TEXT(". "), WORD(notes)),
    TEMPLATE(TEXT("How much are "), NUMBER(2, 95), TEXT(",000 euros worth after "),
             NUMBER(4, 30), TEXT(" years at "), NUMBER(1, 7), TEXT("."), NUMBER(1, 9),
             TEXT(" percent a year, compounded yearly? "), WORD(notes)),
    TEMPLATE(TEXT("What is the remainder when "), NUMBER(3, 29), TEXT("^"),
             NUMBER(11, 97), TEXT(" is divided by "), NUMBER(13, 101), TEXT("? "),
             WORD(notes)),
    TEMPLATE(TEXT("In "), WORD(series), TEXT(" the first value is "), NUMBER(2, 40),
             TEXT(" and each next one is larger by "), NUMBER(2, 19),
             TEXT(". What is the sum of the first "), NUMBER(12, 90), TEXT(" values? "),
             WORD(notes)),
    TEMPLATE(WORD(solids), TEXT(" has a radius of "), NUMBER(3, 48),
             TEXT(" decimetres and a height of "), NUMBER(12, 95),
             TEXT(" decimetres. How many litres does it hold? "), WORD(notes)),
    TEMPLATE(WORD(cones), TEXT(" is "), NUMBER(2, 30),
             TEXT(" metres wide at the bottom and "), NUMBER(1, 24),
             TEXT(" metres high. What is its volume? "), WORD(notes)),
    TEMPLATE(TEXT("What is the determinant of the matrix with "), TEXT("the rows ("),
             NUMBER(1, 19), TEXT(", "), NUMBER(2, 17), TEXT(", "), NUMBER(0, 9),
             TEXT("), ("), NUMBER(3, 15), TEXT(", "), NUMBER(1, 23), TEXT(", "),
             NUMBER(2, 11), TEXT(") and ("), NUMBER(0, 8), TEXT(", "), NUMBER(4, 21),
             TEXT(", "), NUMBER(1, 13), TEXT(")? "), WORD(notes)),
    TEMPLATE(TEXT("Five measurements of "), WORD(measures), TEXT(" were "),
             NUMBER(11, 39), TEXT(", "), NUMBER(12, 40), TEXT(", "), NUMBER(10, 44),
             TEXT(", "), NUMBER(9, 38), TEXT(" and "), NUMBER(13, 42),
             TEXT(". What are their mean and standard deviation? "), WORD(notes)),
    TEMPLATE(TEXT("Explain "), WORD(theorems), TEXT(" to "), WORD(audiences),
             TEXT(", with an example in which the number "), NUMBER(6, 240),
             TEXT(" occurs.")),
    TEMPLATE(TEXT("Two dice are thrown "), NUMBER(3, 60),
             TEXT(" times. How likely is it that a sum of "), NUMBER(2, 12),
             TEXT(" appears at least once? "), WORD(notes)),
    TEMPLATE(TEXT("A rectangle has a perimeter of "), NUMBER(40, 900),
             TEXT(" cm and is "), NUMBER(2, 18),
             TEXT(" cm longer than it is wide. What is its area? "), WORD(notes)),
    TEMPLATE(WORD(starters), TEXT(" leaves at a quarter past "), NUMBER(6, 11),
             TEXT(" with "), NUMBER(35, 80), TEXT(" km/h; a car follows "),
             NUMBER(10, 50), TEXT(" minutes later at "), NUMBER(96, 160),
             TEXT(" km/h. When and where are they level? "), WORD(notes)),
    TEMPLATE(TEXT("Solve the system "), NUMBER(2, 9), TEXT("x + "), NUMBER(3, 11),
             TEXT("y = "), NUMBER(40, 190), TEXT(" and "), NUMBER(4, 13), TEXT("x − "),
             NUMBER(2, 8), TEXT("y = "), NUMBER(5, 60), TEXT(". "), WORD(notes)),
    TEMPLATE(TEXT("If "), NUMBER(3, 14), TEXT(" workers need "), NUMBER(5, 40),
             TEXT(" days for a wall, how long do "), NUMBER(15, 32),
             TEXT(" workers need, and what does that model leave "), TEXT("out? "),
             WORD(notes)),
    TEMPLATE(TEXT("How many of the whole numbers from 1 to "), NUMBER(200, 9000),
             TEXT(" are divisible by "), NUMBER(3, 9), TEXT(" or by "), NUMBER(11, 19),
             TEXT("? "), WORD(notes)),
    TEMPLATE(TEXT("How would you convince "), WORD(audiences), TEXT(" of "),
             WORD(theorems), TEXT(", in no more than "), NUMBER(90, 300),
             TEXT(" words?")),
    TEMPLATE(WORD(shops), TEXT(" sold "), NUMBER(40, 400), TEXT(" "), WORD(goods),
             TEXT(" in the first week and "), MORE(5, 160),
             TEXT(" in the second. By how many percent did sales "), TEXT("rise? "),
             WORD(notes)),
    TEMPLATE(TEXT("What is the slope of the line through ("), NUMBER(0, 15), TEXT(", "),
             NUMBER(2, 40), TEXT(") and ("), NUMBER(16, 48), TEXT(", "), NUMBER(3, 75),
             TEXT("), and where does it cross the y-axis? "), WORD(notes)),
    TEMPLATE(TEXT("A machine makes "), NUMBER(2, 9), TEXT(" faulty parts in "),
             NUMBER(100, 900), TEXT(". How likely are exactly "), NUMBER(1, 4),
             TEXT(" faulty ones among "), NUMBER(10, 40), TEXT("? "), WORD(notes)),
};

void mathematical_write(struct question_pen *pen)
{
    question_pen_write(pen, templates, COUNT_OF(templates));
}
