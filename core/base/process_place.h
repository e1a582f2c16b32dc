// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace eigenquant {

/// Where this process stands among those that torchrun, or another launcher with the same variables, started to do
/// one job together.
struct ProcessPlace {
    int rank = 0;      ///< RANK, from 0 on
    int size = 1;      ///< WORLD_SIZE; 1: there is no other
    int localRank = 0; ///< LOCAL_RANK, among those of this machine: which GPU is ours
    int localSize = 1; ///< LOCAL_WORLD_SIZE, how many share this machine
    std::string address;       ///< MASTER_ADDR, the machine of process 0
    int port = 0;              ///< MASTER_PORT
    bool launcherHosts = false; ///< TORCHELASTIC_USE_AGENT_STORE: the launcher listens at that port, not process 0
    std::string attempt;        ///< TORCHELASTIC_RESTART_COUNT, if any

    bool isFirst() const { return rank == 0; }
    bool isAlone() const { return size == 1; }

    /// Reads the environment; alone where WORLD_SIZE is not set. Error::usage names a variable that is missing or makes
    /// no sense.
    static ProcessPlace fromEnvironment();
};

} // namespace eigenquant
