/*
 * dump_rows.c - rows of weights as hex floats, for tests in other languages.
 *
 * Each line of standard input: settings TAB times. Of standard output: kappa, gamma, pull,
 * restore, gain, then the weights; or "error" and the message. Where there is no spring, up to five
 * numbers that the weights were made with, and zeros.
 * With an argument every plan is made so many times, and what is printed is the time of a processor
 * that one took, in seconds.
 */
#include "case_text.h"

#include <time.h>

static void put_row(const struct bl_row *r, const struct bl_case *c)
{
	const struct bl_spring *s = &r->spring;
	double number[BL_RESOLVED] = {s->kappa, s->gamma, s->pull, s->restore, s->gain};
	struct bl_resolved resolved[BL_RESOLVED];
	const size_t n = r->dynamics->resolved ? r->dynamics->resolved(c, resolved) : 0;

	for (size_t i = 0; i < n; i++)
		number[i] = resolved[i].value;
	for (size_t i = 0; i < 5; i++)
		printf(i ? " %a" : "%a", number[i]);
	for (size_t i = 0; i < r->time.count; i++)
		printf(" %a", r->weight[i]);
	putchar('\n');
}

int main(int argc, char **argv)
{
	static struct case_text t;
	static char line[1 << 20];
	const int times = argc > 1 ? atoi(argv[1]) : 1;
	char *field[2];

	while (fgets(line, sizeof line, stdin)) {
		struct bl_plan plan = {0};
		struct bl_err err = {0};
		const clock_t begin = clock();
		int rc = 0;

		if (!cut(line, field, 2))
			return 2;
		read_times(&t, field[1]);
		for (int i = 0; i < times && rc == 0; i++) {
			bl_plan_free(&plan);
			rc = plan_of(&t, field[0], &plan, &err);
		}
		if (rc != 0)
			printf("error %.*s\n", (int)strcspn(err.text, "\n"), err.text);
		else if (argc > 1)
			printf("%.9f\n", (double)(clock() - begin) / CLOCKS_PER_SEC / times);
		else
			put_row(&plan.row[0], &t.c);
		bl_plan_free(&plan);
	}
	return ferror(stdin) || fflush(stdout) != 0;
}
