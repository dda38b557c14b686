//! Counts what one call asks the allocator for.

use std::alloc::System;

use differentiate_benches::Memory;
use peakmem_alloc::{PeakMemAlloc, PeakMemAllocTrait};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: PeakMemAlloc<&StatsAlloc<System>> = PeakMemAlloc::new(&INSTRUMENTED_SYSTEM);

fn main() {
    differentiate_benches::count(|call| {
        let region = Region::new(&INSTRUMENTED_SYSTEM);
        ALLOCATOR.reset_peak_memory();
        call();
        let peak = ALLOCATOR.get_peak_memory();
        let change = region.change();
        Memory {
            allocations: change.allocations + change.reallocations,
            peak,
        }
    });
}
