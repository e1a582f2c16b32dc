// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/random.h"

#include "core/device/serial_math.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linalg_qr.h>

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace eigenquant {

Random::Random(std::uint64_t seed, SiteId site, std::uint64_t purpose) : m_state(seed)
{
    for (const std::uint64_t part :
         {static_cast<std::uint64_t>(site.layer), static_cast<std::uint64_t>(site.site), purpose})
        m_state = next() ^ (part * 0xd1342543de82ef95ull);
}

std::uint64_t Random::next()
{
    m_state += 0x9e3779b97f4a7c15ull;
    std::uint64_t z = m_state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

std::uint64_t Random::below(std::uint64_t bound)
{
    // Values above the last whole multiple of the bound would favour small results.
    const std::uint64_t limit = bound * (UINT64_MAX / bound);
    std::uint64_t value = next();
    while (value >= limit)
        value = next();
    return value % bound;
}

double Random::uniform()
{
    return static_cast<double>((next() >> 11) + 1) * 0x1p-53;
}

double Random::normal()
{
    const double radius = std::sqrt(-2 * std::log(uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
}

std::vector<int> shuffled(int count, Random& random)
{
    std::vector<int> order(static_cast<std::size_t>(count));
    std::iota(order.begin(), order.end(), 0);
    for (std::size_t i = order.size(); i > 1; --i)
        std::swap(order[i - 1], order[random.below(i)]);
    return order;
}

at::Tensor randomOrthogonal(std::int64_t size, Random& random, c10::Device device)
{
    at::Tensor gaussian = at::empty({size, size}, at::kDouble);
    double* values = gaussian.data_ptr<double>();
    for (std::int64_t i = 0; i < size * size; ++i)
        values[i] = random.normal();
    // Q of a Gaussian matrix is uniform once R's diagonal is made positive (Mezzadri 2007).
    const SerialMath serial;
    const auto [q, r] = at::linalg_qr(gaussian.to(device));
    return q * r.diagonal().sign().unsqueeze(0);
}

} // namespace eigenquant
