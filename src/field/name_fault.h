/*
 * What is wrong with a name, by the rules of nats-server and of the official clients.
 */
#ifndef FIELD_NAME_FAULT_H
#define FIELD_NAME_FAULT_H

/* Why a stream, consumer or durable may not have that name, or NULL. */
const char *name_fault(const char *name);
/* Why official clients would not open a bucket of that name, its length apart, or NULL. */
const char *bucket_name_fault(const char *name);

#endif
