// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/page_registry.h"

#include "ui/pages/budgets_page.h"
#include "ui/pages/check_page.h"
#include "ui/pages/outliers_page.h"
#include "ui/pages/overview_page.h"
#include "ui/pages/quantize_page.h"
#include "ui/pages/runs_page.h"
#include "ui/pages/spectra_page.h"
#include "ui/pages/teaching_page.h"
#include "ui/pages/weights_page.h"
#include "ui/text/translate.h"

namespace eigenquant {

namespace {

template <typename P>
QWidget* makePage(PageContext context)
{
    return new P(context);
}

} // namespace

std::vector<PageEntry> pageRegistry()
{
    return {
        {QStringLiteral("overview"), tr("Overview"), tr("The model and its plan at a glance"),
         makePage<OverviewPage>},
        {QStringLiteral("spectra"), tr("Spectra"), tr("Eigenvalues of each activation"), makePage<SpectraPage>},
        {QStringLiteral("outliers"), tr("Outliers"), tr("Strong channels before and after the rotation"),
         makePage<OutliersPage>},
        {QStringLiteral("weights"), tr("Weights"), tr("Weights of a linear before and after quantization"),
         makePage<WeightsPage>},
        {QStringLiteral("budgets"), tr("Budgets"), tr("K and bits of every site"), makePage<BudgetsPage>},
        {QStringLiteral("quantize"), tr("Quantize && export"),
         tr("Carry the plan out, and export what comes of it"), makePage<QuantizePage>},
        {QStringLiteral("check"), tr("Check"), tr("Perplexity and latency, on the GPU or the CPU"),
         makePage<CheckPage>},
        {QStringLiteral("runs"), tr("Runs"), tr("Many variants in one table, perplexity against bits"),
         makePage<RunsPage>},
        {QStringLiteral("teaching"), tr("Lesson"), tr("How a rotation gathers outliers, step by step"),
         makePage<TeachingPage>},
    };
}

} // namespace eigenquant
