// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/calib/hidden_states.h"

#include "core/io/file_bytes.h"
#include "core/io/temporary_file.h"

#include <ATen/ops/empty.h>
#include <c10/core/ScalarType.h>

#include <span>
#include <unistd.h>

namespace eigenquant {

HiddenStates::HiddenStates(int count, std::int64_t tokens, std::int64_t hidden, const ComputeTarget& target,
                           StatePlace place, const std::filesystem::path& folder)
    : m_tokens(tokens), m_hidden(hidden), m_target(target), m_place(place), m_folder(folder)
{
    if (m_place == StatePlace::File)
        m_descriptor = openTemporaryFile(m_folder);
    else
        m_states.resize(static_cast<std::size_t>(count));
}

HiddenStates::~HiddenStates()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

void HiddenStates::put(int index, const at::Tensor& state)
{
    const auto place = static_cast<std::size_t>(index);
    if (m_place == StatePlace::Device) {
        m_states[place] = state;
        return;
    }
    const at::Tensor local = state.cpu().contiguous();
    if (m_place == StatePlace::Memory)
        m_states[place] = local;
    else
        writeAt(m_descriptor, m_folder, place * local.nbytes(),
                {static_cast<const std::byte*>(local.const_data_ptr()), local.nbytes()});
}

at::Tensor HiddenStates::get(int index) const
{
    const auto place = static_cast<std::size_t>(index);
    if (m_place != StatePlace::File)
        return m_states[place].to(m_target.device);
    at::Tensor state = at::empty({m_tokens, m_hidden}, m_target.dtype);
    readAt(m_descriptor, m_folder, place * state.nbytes(),
           {static_cast<std::byte*>(state.data_ptr()), state.nbytes()});
    return state.to(m_target.device);
}

void HiddenStates::drop(int index)
{
    if (m_place != StatePlace::File)
        m_states[static_cast<std::size_t>(index)] = at::Tensor();
}

std::uint64_t HiddenStates::bytes(std::int64_t count, std::int64_t tokens, std::int64_t hidden,
                                  const ComputeTarget& target)
{
    return static_cast<std::uint64_t>(count * tokens * hidden) * c10::elementSize(target.dtype);
}

} // namespace eigenquant
