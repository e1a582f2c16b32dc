// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// libtorch's matrix library, where that is MKL; null where it is another one.
extern "C" int MKL_Set_Num_Threads_Local(int threads) __attribute__((weak));

namespace eigenquant {

/// While one lives, factorizations (eigh, qr, cholesky) that this thread asks for run on this thread alone. Their
/// algorithms are cut up by the number of threads, and so are the last bits of their results; a thread of
/// at::parallel_for is no exception, because MKL does not ask whether it is inside of one. Speed comes from doing
/// several factorizations at once. (Matrix products need no such care: see device.cpp.)
class SerialMath {
public:
    SerialMath() : m_before(MKL_Set_Num_Threads_Local ? MKL_Set_Num_Threads_Local(1) : 0) {}
    ~SerialMath()
    {
        if (MKL_Set_Num_Threads_Local)
            MKL_Set_Num_Threads_Local(m_before);
    }
    SerialMath(const SerialMath&) = delete;
    SerialMath& operator=(const SerialMath&) = delete;

private:
    int m_before;
};

} // namespace eigenquant
