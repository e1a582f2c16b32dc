// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/quant/random.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace eigenquant {

/// The factors of a size that a Hadamard transform is made of.
struct HadamardFactors {
    std::int64_t order = 1; ///< of the dense factor: a Hadamard matrix, or a random orthogonal one
    std::int64_t power = 1; ///< 2^k, of the Sylvester factor; order · power is the size
    bool dense = false;     ///< no Hadamard matrix of the order is known here: the dense factor is random
};

/// The smallest Hadamard order m, by Paley's constructions over prime fields, that leaves n/m a power of two; if
/// there is none up to 512, the odd part of n with a random orthogonal matrix. n ≥ 1, else Error::invalid.
HadamardFactors hadamardFactors(std::int64_t n);

/// A Hadamard matrix of an order of 1, 2, p + 1 (p ≡ 3 mod 4) or 2(p + 1) (p ≡ 1 mod 4) for primes p: float64
/// [order, order], entries ±1. Undefined if the order is none of these.
at::Tensor paleyHadamard(std::int64_t order);

/// A structured random rotation, QuIP# (arXiv 2402.04396) and QuaRot (arXiv 2404.00456): Q = S·(A ⊗ H)/√n with
/// random signs S, a dense factor A of small order and Sylvester's H of order 2^k. It costs n·(k + order)
/// operations a row to apply and a bit a channel to store.
class HadamardTransform {
public:
    /// A random one for n channels.
    static HadamardTransform make(std::int64_t n, Random& random);
    /// The one that was stored: signs() and block() of another.
    static HadamardTransform fromStored(std::int64_t n, const at::Tensor& signs, const at::Tensor& block);

    std::int64_t size() const { return m_factors.order * m_factors.power; }
    /// Whether every entry is ±1/√n.
    bool isPureHadamard() const { return !m_factors.dense; }
    const HadamardFactors& factors() const { return m_factors; }
    /// A/√order, orthogonal, float64 [order, order].
    const at::Tensor& factor() const { return m_factor; }

    /// x·Q, [..., n] of float32 or float64, in its own type.
    at::Tensor apply(const at::Tensor& x) const;
    /// x·Qᵀ, the way back.
    at::Tensor applyTransposed(const at::Tensor& x) const;
    /// Q, float64 [n, n].
    at::Tensor matrix() const;

    /// The signs, uint8 [⌈n/8⌉]: bit i % 8 of byte i / 8 is set where channel i changes its sign.
    at::Tensor signs() const { return m_packedSigns; }
    /// The random factor, float16 [order, order]; undefined if the transform is pure. What is applied is the
    /// orthogonal matrix next to it, found again from these numbers alone.
    at::Tensor block() const { return m_block; }
    /// Bytes of signs() and block().
    std::uint64_t storedBytes() const;

private:
    HadamardTransform(HadamardFactors factors, at::Tensor signs, at::Tensor block);

    HadamardFactors m_factors;
    at::Tensor m_packedSigns;
    at::Tensor m_block;
    at::Tensor m_signs;  ///< float64 [n], ±1
    at::Tensor m_factor; ///< float64 [order, order], orthogonal
};

} // namespace eigenquant
