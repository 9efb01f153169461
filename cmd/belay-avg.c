/* belay-avg.c - averages checkpoints. */
int main(void)
{
	return 0;
}
