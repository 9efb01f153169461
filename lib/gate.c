/* gate.c - lets tiles through in their order. */
#include "gate.h"

int bl_gate_init(struct bl_gate *gate, struct bl_err *err)
{
	int rc;

	gate->next = 0;
	gate->closed = false;
	rc = pthread_mutex_init(&gate->lock, NULL);
	if (rc)
		return bl_fail_errno(err, BL_LIMIT, rc, "cannot make a lock");
	rc = pthread_cond_init(&gate->moved, NULL);
	if (rc) {
		pthread_mutex_destroy(&gate->lock);
		return bl_fail_errno(err, BL_LIMIT, rc, "cannot make a condition");
	}
	return 0;
}

void bl_gate_free(struct bl_gate *gate)
{
	pthread_cond_destroy(&gate->moved);
	pthread_mutex_destroy(&gate->lock);
}

void bl_gate_close(struct bl_gate *gate)
{
	pthread_mutex_lock(&gate->lock);
	gate->closed = true;
	pthread_cond_broadcast(&gate->moved);
	pthread_mutex_unlock(&gate->lock);
}

int bl_turn_wait(struct bl_turn *turn)
{
	struct bl_gate *gate = turn->gate;
	bool closed;

	pthread_mutex_lock(&gate->lock);
	while (!gate->closed && gate->next != turn->tile)
		pthread_cond_wait(&gate->moved, &gate->lock);
	closed = gate->closed;
	pthread_mutex_unlock(&gate->lock);
	return closed ? -1 : 0;
}

void bl_turn_done(struct bl_turn *turn)
{
	struct bl_gate *gate = turn->gate;

	turn->taken = true;
	pthread_mutex_lock(&gate->lock);
	gate->next = turn->tile + 1;
	pthread_cond_broadcast(&gate->moved);
	pthread_mutex_unlock(&gate->lock);
}
