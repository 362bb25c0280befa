/*
 * Is this a build with AddressSanitizer? Its leak checker searches allocated memory for pointers, and wants everything
 * released at the end. Other builds save that time.
 */
#ifndef BASE_SANITIZER_H
#define BASE_SANITIZER_H

#if defined(__SANITIZE_ADDRESS__)
#    define IS_SANITIZED true
#elif defined(__has_feature)
#    if __has_feature(address_sanitizer)
#        define IS_SANITIZED true
#    endif
#endif
#ifndef IS_SANITIZED
#    define IS_SANITIZED false
#endif

#endif
