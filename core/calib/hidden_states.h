// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/device/device.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <vector>

namespace eigenquant {

/// Where hidden states that are not computed with wait.
enum class StatePlace {
    Device, ///< where they are computed
    Memory, ///< the machine's own memory
    File    ///< a file without a name, which goes with the process, however that ends
};

/// Equally many hidden states [tokens, hidden], put away one by one and got back as they were, to the bit. Different
/// ones may be put and got from several threads at once.
class HiddenStates {
public:
    /// `folder` is for StatePlace::File.
    HiddenStates(int count, std::int64_t tokens, std::int64_t hidden, const ComputeTarget& target, StatePlace place,
                 const std::filesystem::path& folder);
    ~HiddenStates();
    HiddenStates(const HiddenStates&) = delete;
    HiddenStates& operator=(const HiddenStates&) = delete;

    void put(int index, const at::Tensor& state);
    /// On the target's device. The tensor is not to be written into.
    at::Tensor get(int index) const;
    /// Gives up a state's memory.
    void drop(int index);

    /// What so many states take.
    static std::uint64_t bytes(std::int64_t count, std::int64_t tokens, std::int64_t hidden,
                               const ComputeTarget& target);

private:
    std::int64_t m_tokens, m_hidden;
    ComputeTarget m_target;
    StatePlace m_place;
    std::filesystem::path m_folder;
    std::vector<at::Tensor> m_states;
    int m_descriptor = -1;
};

} // namespace eigenquant
