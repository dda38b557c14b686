//! Methods that move or copy entries without changing them.

use nalgebra::allocator::Allocator;
use nalgebra::{
    Const, DefaultAllocator, Dim, DimAdd, DimSum, Matrix, OMatrix, OVector, RawStorage, U1,
};

use super::{dynamic_mut, put_copy, put_entries, put_scalar, put_sparse, transposed};
use crate::differentiable::Real;
use crate::put::Put;
use crate::rules::method_rule;

method_rule! {
    /// `Aᵀ`: `Ā += Gᵀ`.
    ///
    /// Keeps the receiver, of which it reads the shape.
    TransposeRule ad_transpose;
    /// An owned copy of a matrix or a view: `ā += g`.
    ///
    /// Keeps the receiver, of which it reads the shape.
    CloneOwnedRule ad_clone_owned;
    /// The owned form of a matrix or a view: `ā += g`.
    ///
    /// Keeps the receiver, of which it reads the shape.
    IntoOwnedRule ad_into_owned;
    /// A vector with one more entry: `ā += g` without its last entry, which goes to the new one.
    ///
    /// Keeps the receiver and the argument, of which it reads the shape.
    PushRule ad_push;
}

impl<T: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>> TransposeRule<(), (), ()>
    for Matrix<T, R, C, S0>
where
    DefaultAllocator: Allocator<R, C> + Allocator<C, R>,
{
    type G = OMatrix<T, C, R>;
    type Outs = ();
    #[inline]
    fn ad_transpose<S: Put<OMatrix<T, R, C>>>(
        &self,
        (): (),
        (): (),
        g: &Self::G,
        dest: S,
        (): (),
    ) -> (S::Out, ()) {
        let (rows, columns) = g.shape();
        let out = dest.put(
            || g.transpose(),
            |sum| {
                dynamic_mut(sum)
                    .zip_apply(&transposed(g.as_slice(), rows, columns), |sum, g| *sum += g);
            },
        );
        (out, ())
    }
}

macro_rules! copies {
    ($($Rule:ident $method:ident)*) => { $(
        impl<T: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>> $Rule<(), (), ()>
            for Matrix<T, R, C, S0>
        where
            DefaultAllocator: Allocator<R, C>,
        {
            type G = OMatrix<T, R, C>;
            type Outs = ();
            #[inline]
            fn $method<S: Put<OMatrix<T, R, C>>>(
                &self,
                (): (),
                (): (),
                g: &Self::G,
                dest: S,
                (): (),
            ) -> (S::Out, ()) {
                (put_copy(g, dest), ())
            }
        }
    )* };
}
copies!(CloneOwnedRule ad_clone_owned IntoOwnedRule ad_into_owned);

impl<T: Real, D: DimAdd<U1>, S0, A, SA: Put<T>> PushRule<(A,), (), (SA,)> for Matrix<T, D, U1, S0>
where
    S0: RawStorage<T, D, U1>,
    DefaultAllocator: Allocator<D> + Allocator<DimSum<D, U1>>,
{
    type G = OVector<T, DimSum<D, U1>>;
    type Outs = (SA::Out,);
    #[inline]
    fn ad_push<S: Put<OVector<T, D>>>(
        &self,
        _: (A,),
        (): (),
        g: &Self::G,
        dest: S,
        (to_last,): (SA,),
    ) -> (S::Out, (SA::Out,)) {
        (
            put_entries(self.shape_generic(), dest, |i, _| g[i]),
            (put_scalar(to_last, || g[self.nrows()]),),
        )
    }
}

/// Vectors made of entries of a vector: entry `k` of `g` goes to the entry that it was read from.
macro_rules! swizzles {
    ($($(#[$doc:meta])* $Rule:ident $method:ident [$($from:literal)*];)*) => {
        method_rule! { $($(#[$doc])* $Rule $method;)* }
        $(
            impl<T: Real, D: Dim, S0: RawStorage<T, D, U1>> $Rule<(), (), ()> for Matrix<T, D, U1, S0>
            where
                DefaultAllocator: Allocator<D> + Allocator<Const<{ [$($from),*].len() }>>,
            {
                type G = OVector<T, Const<{ [$($from),*].len() }>>;
                type Outs = ();
                #[inline]
                fn $method<S: Put<OVector<T, D>>>(
                    &self,
                    (): (),
                    (): (),
                    g: &Self::G,
                    dest: S,
                    (): (),
                ) -> (S::Out, ()) {
                    let add = |sum: &mut OVector<T, D>| {
                        for (from, g) in [$($from),*].into_iter().zip(g.iter()) {
                            let from: usize = from;
                            sum[from] += *g;
                        }
                    };
                    (put_sparse(self.shape_generic(), dest, add), ())
                }
            }
        )*
    };
}

swizzles! {
    /// The entries `x`, `y` of a vector.
    ///
    /// Keeps the receiver, of which it reads the shape.
    XyRule ad_xy [0 1];
    /// The entries `x`, `z` of a vector.
    ///
    /// Keeps the receiver, of which it reads the shape.
    XzRule ad_xz [0 2];
    /// The entries `y`, `z` of a vector.
    ///
    /// Keeps the receiver, of which it reads the shape.
    YzRule ad_yz [1 2];
    /// The entries `y`, `x` of a vector.
    ///
    /// Keeps the receiver, of which it reads the shape.
    YxRule ad_yx [1 0];
    /// The entries `z`, `x` of a vector.
    ///
    /// Keeps the receiver, of which it reads the shape.
    ZxRule ad_zx [2 0];
    /// The entries `z`, `y` of a vector.
    ///
    /// Keeps the receiver, of which it reads the shape.
    ZyRule ad_zy [2 1];
    /// The entries `x`, `y`, `z` of a vector.
    ///
    /// Keeps the receiver, of which it reads the shape.
    XyzRule ad_xyz [0 1 2];
}
