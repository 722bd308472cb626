// libcrypto's digests, signatures and random bytes.
#ifndef MCPDASH_CCRYPTO_H
#define MCPDASH_CCRYPTO_H
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#endif
