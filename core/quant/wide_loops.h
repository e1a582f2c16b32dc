// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// Before a function whose loops run over every weight many times: it is compiled for wide vectors, too, and the
/// machine's own are chosen when the program starts. Sanitizers cannot follow such a choice.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define EIGENQUANT_WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define EIGENQUANT_WIDE
#endif
