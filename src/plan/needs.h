/*
 * Needs: which steps of a plan wait for which others.
 *
 *   a consumer            for its stream
 *   a mirror or a stream with sources   for its origins (soft), and for the consumers it reads them through
 *   a stream that claims a subject      for the stream that releases it
 *   a stream that changes consumer_limits  for its consumers that go below them first, or go
 *   a consumer of a work queue             for those of the queue that go
 *   an origin that goes   for its mirrors that go (soft)
 */
#ifndef PLAN_NEEDS_H
#define PLAN_NEEDS_H

#include "plan/plan.h"

void find_needs(struct arena *arena, struct plan *plan);

#endif
