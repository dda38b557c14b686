//! Points, rotations and poses. What has a curved space is compared in the tangent space of the point itself.

use autodiff_runtime::nalgebra::{AbstractRotation, Const, DVector};
use autodiff_runtime::nalgebra::{
    Isometry, Isometry2, Isometry3, IsometryMatrix2, IsometryMatrix3, Matrix3, OPoint, Point2,
    Point3, Quaternion, Rotation, Rotation2, Rotation3, SVector, Similarity, Similarity2,
    Similarity3, SimilarityMatrix2, SimilarityMatrix3, Translation, Translation2, Translation3,
    Unit, UnitComplex, UnitQuaternion, Vector2, Vector3, Vector4, vector,
};
use autodiff_runtime::rules::geometry::{
    IsometryTangent, PointTangent, SimilarityTangent, TranslationTangent, Turn,
};

use super::*;

for_both! {
    complex_rotations;
    once similarities interpolations frames points translations units quaternions
    rotations_of_space quaternion_rotations rotations_of_the_plane
    poses_of_space matrix_poses_of_space poses_of_the_plane matrix_poses_of_the_plane
    rotation_matrices
}

/// The position of a value in the tangent space of another one.
trait Local {
    type L: Tangent;
    fn local(&self, y: &Self) -> Self::L;
}

macro_rules! local {
    ($([$($p:tt)*] $t:ty => $l:ty, |$x:ident, $y:ident| $e:expr;)*) => { $(
        impl<$($p)*> Local for $t {
            type L = $l;
            fn local(&self, $y: &Self) -> $l {
                let $x = self;
                $e
            }
        }
    )* };
}
local! {
    [T: Real] Rotation3<T> => Vector3<T>, |x, y| UnitQuaternion::from_rotation_matrix(&(x.inverse() * y)).scaled_axis();
    [T: Real] UnitQuaternion<T> => Vector3<T>, |x, y| (x.inverse() * y).scaled_axis();
    [T: Real] Rotation2<T> => T, |x, y| (x.inverse() * y).angle();
    [T: Real] UnitComplex<T> => T, |x, y| (x.inverse() * y).angle();
    [T: Real, const N: usize] Translation<T, N> => TranslationTangent<T, N>, |_x, y| TranslationTangent { vector: y.vector };
    [T: Real, const N: usize] OPoint<T, Const<N>> => PointTangent<T, Const<N>>, |_x, y| PointTangent { coords: y.coords };
    [T: Real] Unit<Vector3<T>> => Vector3<T>, |_x, y| y.into_inner();
    [T: Real] Quaternion<T> => Quaternion<T>, |_x, y| *y;
}

impl<T: Real, R: Turn<T, N> + Local<L = <R as Differentiable>::Tangent>, const N: usize> Local
    for Isometry<T, R, N>
{
    type L = IsometryTangent<T, R::L, N>;
    fn local(&self, y: &Self) -> Self::L {
        IsometryTangent {
            rotation: self.rotation.local(&y.rotation),
            translation: TranslationTangent {
                vector: y.translation.vector,
            },
        }
    }
}

impl<T: Real, R: Turn<T, N> + Local<L = <R as Differentiable>::Tangent>, const N: usize> Local
    for Similarity<T, R, N>
{
    type L = SimilarityTangent<T, R::L, N>;
    fn local(&self, y: &Self) -> Self::L {
        SimilarityTangent {
            isometry: self.isometry.local(&y.isometry),
            scaling: y.scaling(),
        }
    }
}

/// [`unary`] of a method whose result has a curved space.
macro_rules! curved {
    ($T:ty, $a:expr, |$x:ident| $primal:expr, $rule:ident $($y:expr)?) => {{
        let at = { let $x = &$a; $primal };
        exact1!($T, stringify!($rule), $a, |$x| at.local(&$primal), |g, dx| {
            peel($x).$rule((), method!(@result $($y)?), g, dx, ()).0
        });
        forward1!($T, stringify!($rule), $a, |$x| $primal, |g, dx| {
            peel($x).$rule((), method!(@result $($y)?), g, dx, ()).0
        })
    }};
}

/// [`binary`] of a method whose result has a curved space.
macro_rules! curved2 {
    ($T:ty, $a:expr, $b:expr, |$x:ident, $y:ident| $primal:expr, $rule:ident) => {{
        let at = {
            let ($x, $y) = (&$a, &$b);
            $primal
        };
        let what = stringify!($rule);
        exact2!(
            $T,
            what,
            $a,
            $b,
            |$x, $y| at.local(&$primal),
            |g, dx, dy| {
                let (x, (y,)) = peel($x).$rule((Val($y),), (), g, dx, (dy,));
                (x, y)
            }
        );
        forward2!($T, what, $a, $b, |$x, $y| $primal, |g, dx, dy| {
            let (x, (y,)) = peel($x).$rule((Val($y),), (), g, dx, (dy,));
            (x, y)
        });
    }};
}

/// An operator whose result has a curved space.
macro_rules! curved_operator {
    ($T:ty, $a:expr, $b:expr, |$x:ident, $y:ident| $primal:expr, $rule:ident) => {{
        let at = {
            let ($x, $y) = (&$a, &$b);
            $primal
        };
        exact2!(
            $T,
            stringify!($rule),
            $a,
            $b,
            |$x, $y| at.local(&$primal),
            |g, dx, dy| { rt::$rule(($x, $y), g, dx, dy) }
        );
        forward2!(
            $T,
            stringify!($rule),
            $a,
            $b,
            |$x, $y| $primal,
            |g, dx, dy| { rt::$rule(($x, $y), g, dx, dy) }
        );
    }};
}

/// A constructor whose result has a curved space, of one argument.
macro_rules! made {
    ($T:ty, $a:expr, |$x:ident| $primal:expr, $rule:ident) => {{
        let at = {
            let $x = &$a;
            $primal
        };
        exact1!(
            $T,
            stringify!($rule),
            $a,
            |$x| at.local(&$primal),
            |g, dx| { peel(&at).$rule((Val($x),), (), g, Skip, (dx,)).1.0 }
        );
    }};
}

/// A constructor of two arguments.
macro_rules! made2 {
    ($T:ty, $a:expr, $b:expr, |$x:ident, $y:ident| $primal:expr, $rule:ident) => {{
        let at = {
            let ($x, $y) = (&$a, &$b);
            $primal
        };
        exact2!(
            $T,
            stringify!($rule),
            $a,
            $b,
            |$x, $y| at.local(&$primal),
            |g, dx, dy| { peel(&at).$rule((Val($x), Val($y)), (), g, Skip, (dx, dy)).1 }
        );
    }};
}

fn number<T: Real>(seed: u32) -> T {
    fixed::<T, 1, 1>(seed)[0]
}

fn point<T: Real, const N: usize>(seed: u32) -> OPoint<T, Const<N>> {
    OPoint {
        coords: fixed(seed),
    }
}

/// Rotations by small and large angles, and the identity.
fn scaled<T: Real>(seed: u32) -> Vector3<T> {
    let sizes = [0.0, 1e-3, 0.1, 0.3, 1.0, 1.5, 2.0, 2.5];
    let v = fixed::<T, 3, 1>(seed + 1).normalize();
    v * T::ad_from_f64(sizes[seed as usize % 8])
}

mod on {
    use super::*;

    pub(super) fn points<T: Real>() {
        for seed in 0..8 {
            let (p, q, v) = (
                point::<T, 3>(seed),
                point::<T, 3>(seed + 9),
                fixed::<T, 3, 1>(seed + 19),
            );
            let s = number::<T>(seed + 3) + T::ad_from_f64(4.0);
            macro_rules! sums {
                ($a:expr, $b:expr, |$x:ident, $y:ident| $primal:expr, $rule:ident) => {
                    exact2!(
                        T,
                        stringify!($rule),
                        $a,
                        $b,
                        |$x, $y| $primal,
                        |g, dx, dy| { rt::pull2_ref(rt::$rule(($x, $y)), g, dx, dy) }
                    );
                };
            }
            made!(T, v, |x| Point3::from(*x), ad_from);
            made!(T, [s, s, s], |x| Point3::from(*x), ad_from);
            made!(T, v, |x| Translation3::from(*x), ad_from);
            made!(T, p, |x| Translation3::from(*x), ad_from);
            made!(T, [s, s, s], |x| Translation3::from(*x), ad_from);
            sums!(&p, &v, |x, y| p.local(&(x + y)), add);
            sums!(&p, &v, |x, y| p.local(&(x - y)), sub);
            sums!(
                &p,
                &column::<T>(3, seed),
                |x, y| p.local(&(x + y.fixed_rows::<3>(0))),
                add
            );
            sums!(&p, &q, |x, y| x - y, sub);
            exact1!(T, "neg", &p, |x| p.local(&-x), |g, dx| rt::pull1_ref(
                rt::neg(x),
                g,
                dx
            ));
            curved_operator!(T, p, s, |x, y| x * *y, mul);
            curved_operator!(T, p, s, |x, y| x / *y, div);
            curved_operator!(T, fixed::<T, 3, 3>(seed), p, |x, y| x * y, mul);
            curved_operator!(T, fixed::<T, 2, 3>(seed), p, |x, y| x * y, mul);
            unary!(
                T,
                &p,
                |x| x.to_homogeneous(),
                ad_to_homogeneous & x.to_homogeneous()
            );
        }
        // The gradient of a point moves it, and has its coordinates.
        let (p, g) = (
            Point2::new(T::one(), T::one()),
            PointTangent {
                coords: Vector2::new(T::zero(), T::one()),
            },
        );
        assert_eq!(p - g.clone(), Point2::new(T::one(), T::zero()));
        assert_eq!((g.x, g[1], g.coords.y), (T::zero(), T::one(), T::one()));
    }

    pub(super) fn translations<T: Real>() {
        for seed in 0..8 {
            let (t, p) = (
                Translation3::from(fixed::<T, 3, 1>(seed)),
                point::<T, 3>(seed + 4),
            );
            let u = Translation3::from(fixed::<T, 3, 1>(seed + 11));
            curved_operator!(T, t, u, |x, y| x * y, mul);
            curved_operator!(T, t, u, |x, y| x / y, div);
            curved_operator!(T, t, p, |x, y| x * y, mul);
            curved2!(T, t, p, |x, y| x.transform_point(y), ad_transform_point);
            curved2!(
                T,
                t,
                p,
                |x, y| x.inverse_transform_point(y),
                ad_inverse_transform_point
            );
            curved!(T, t, |x| x.inverse(), ad_inverse & x.inverse());
            unary!(
                T,
                &t,
                |x| x.to_homogeneous(),
                ad_to_homogeneous & x.to_homogeneous()
            );
            made2!(
                T,
                number::<T>(seed),
                number::<T>(seed + 1),
                |x, y| Translation2::new(*x, *y),
                ad_new
            );
        }
    }

    pub(super) fn units<T: Real>() {
        for seed in 0..8 {
            let v = fixed::<T, 3, 1>(seed);
            made!(T, v, |x| Unit::new_normalize(*x), ad_new_normalize);
            // From here on along the sphere: through the vector that is normalized.
            let angle = number::<T>(seed + 1);
            macro_rules! axis_angle {
                ($t:ty) => {{
                    let at = <$t>::from_axis_angle(&Unit::new_normalize(v), angle);
                    exact2!(
                        T,
                        "from_axis_angle",
                        v,
                        angle,
                        |x, y| at.local(&<$t>::from_axis_angle(&Unit::new_normalize(*x), *y)),
                        |g, dx, dy| {
                            let axis = Unit::new_normalize(*x);
                            let (_, (to_axis, to_angle)) = peel(&at).ad_from_axis_angle(
                                (Val(&axis), Val(y)),
                                (),
                                g,
                                Skip,
                                (Fresh, dy),
                            );
                            let (_, (to_v,)) =
                                peel(&axis).ad_new_normalize((Val(x),), (), &to_axis, Skip, (dx,));
                            (to_v, to_angle)
                        }
                    );
                }};
            }
            axis_angle!(Rotation3<T>);
            axis_angle!(UnitQuaternion<T>);
            let unit = Unit::new_normalize(v);
            let w = fixed::<T, 3, 1>(seed + 5);
            exact1!(
                T,
                "dot through the reference",
                v,
                |x| Unit::new_normalize(*x).dot(&w),
                |g, dx| {
                    let (to_unit, _) = peel(&unit).ad_dot((Val(&w),), (), g, Fresh, (Skip,));
                    peel(&unit)
                        .ad_new_normalize((Val(x),), (), &to_unit, Skip, (dx,))
                        .1
                        .0
                }
            );
            let g = fixed::<T, 3, 1>(seed + 6);
            assert_eq!(peel(&unit).ad_into_inner((), (), &g, Fresh, ()).0, g);
            assert_eq!(
                peel(&unit)
                    .ad_new_unchecked((Val(&v),), (), &g, Skip, (Fresh,))
                    .1
                    .0,
                g
            );
        }
    }

    pub(super) fn quaternions<T: Real>() {
        for seed in 0..8 {
            let of = |seed| Quaternion::from(fixed::<T, 4, 1>(seed));
            let (p, q) = (of(seed), of(seed + 9));
            let s = number::<T>(seed + 3) + T::ad_from_f64(4.0);
            curved_operator!(T, p, q, |x, y| x * y, mul);
            curved_operator!(T, p, s, |x, y| *x * *y, mul);
            curved_operator!(T, p, s, |x, y| *x / *y, div);
            exact2!(T, "add", p, q, |x, y| x + y, |g, dx, dy| rt::pull2_ref(
                rt::add((x, y)),
                g,
                dx,
                dy
            ));
            exact2!(T, "sub", p, q, |x, y| x - y, |g, dx, dy| rt::pull2_ref(
                rt::sub((x, y)),
                g,
                dx,
                dy
            ));
            exact1!(T, "neg", p, |x| -x, |g, dx| rt::pull1_ref(
                rt::neg(x),
                g,
                dx
            ));
            unary!(T, p, |x| x.conjugate(), ad_conjugate);
            unary!(T, p, |x| x.norm(), ad_norm & x.norm());
            unary!(T, p, |x| x.norm_squared(), ad_norm_squared);
            binary!(T, p, q, |x, y| x.dot(y), ad_dot);
            made!(
                T,
                p,
                |x| UnitQuaternion::from_quaternion(*x),
                ad_from_quaternion
            );
            made!(
                T,
                p,
                |x| UnitQuaternion::new_normalize(*x),
                ad_new_normalize
            );
            let u = UnitQuaternion::from_quaternion(p);
            unary!(T, u, |x| *x.quaternion(), ad_quaternion);
            unary!(T, u, |x| x.into_inner(), ad_into_inner);
            exact2!(
                T,
                "new",
                p.w,
                p.k,
                |x, y| Quaternion::new(*x, s, s, *y),
                |g, dx, dy| {
                    let args = (Val(x), Val(&s), Val(&s), Val(y));
                    let ((), (x, (), (), y)) =
                        peel(&p).ad_new(args, (), g, Skip, (dx, Skip, Skip, dy));
                    (x, y)
                }
            );
        }
    }

    /// Rules of all rotations.
    macro_rules! any_rotation {
        ($T:ty, $r:expr, $s:expr, $n:literal, $seed:expr) => {{
            let (r, s, t) = ($r, $s, number::<$T>($seed));
            let (v, p) = (fixed::<$T, $n, 1>($seed), point::<$T, $n>($seed + 1));
            curved_operator!($T, r, s, |x, y| x * y, mul);
            curved_operator!($T, r, s, |x, y| x / y, div);
            curved_operator!($T, r, p, |x, y| x * y, mul);
            exact2!($T, "mul", r, v, |x, y| x * y, |g, dx, dy| rt::mul(
                (x, y),
                g,
                dx,
                dy
            ));
            let unit = Unit::new_normalize(v);
            exact1!($T, "mul", r, |x| (x * unit).into_inner(), |g, dx| rt::mul(
                (x, &unit),
                g,
                dx,
                Skip
            )
            .0);
            binary!($T, r, v, |x, y| x.transform_vector(y), ad_transform_vector);
            binary!(
                $T,
                r,
                v,
                |x, y| x.inverse_transform_vector(y),
                ad_inverse_transform_vector
            );
            curved2!($T, r, p, |x, y| x.transform_point(y), ad_transform_point);
            curved2!(
                $T,
                r,
                p,
                |x, y| x.inverse_transform_point(y),
                ad_inverse_transform_point
            );
            curved!($T, r, |x| x.inverse(), ad_inverse & x.inverse());
            curved2!($T, r, s, |x, y| x.rotation_to(y), ad_rotation_to);
            binary!($T, r, s, |x, y| x.angle_to(y), ad_angle_to);
            unary!(
                $T,
                r,
                |x| x.to_homogeneous(),
                ad_to_homogeneous & x.to_homogeneous()
            );
            routed!(
                $T,
                r,
                |x| x.scaled_axis(),
                |x| x.ad_lifted_scaled_axis(),
                ad_scaled_axis & x.scaled_axis()
            );
            {
                let at = r.powf(t);
                exact2!(
                    $T,
                    "powf",
                    r,
                    t,
                    |x, y| at.local(&x.powf(*y)),
                    |g, dx, dy| {
                        let (x, (y,)) = peel(x).ad_powf((Val(y),), &at, g, dx, (dy,));
                        (x, y)
                    }
                );
            }
            let at = r.slerp(&s, t);
            exact2!(
                $T,
                "slerp",
                r,
                s,
                |x, y| at.local(&x.slerp(y, t)),
                |g, dx, dy| {
                    let (x, (y, ())) = peel(x).ad_slerp((Val(y), Val(&t)), (), g, dx, (dy, Skip));
                    (x, y)
                }
            );
            exact1!($T, "slerp", t, |t| at.local(&r.slerp(&s, *t)), |g, dt| {
                peel(&r)
                    .ad_slerp((Val(&s), Val(t)), (), g, Skip, (Skip, dt))
                    .1
                    .1
            });
        }};
    }

    macro_rules! in_space {
        ($T:ty, $t:ty) => {
            for seed in 0..8 {
                let (v, w) = (scaled::<$T>(seed), scaled::<$T>(seed + 13));
                made!($T, v, |x| <$t>::new(*x), ad_new);
                made!($T, v, |x| <$t>::from_scaled_axis(*x), ad_from_scaled_axis);
                let angles = v * <$T>::ad_from_f64(0.5);
                let (roll, pitch, yaw) = (angles.x, angles.y, angles.z);
                let at = <$t>::from_euler_angles(roll, pitch, yaw);
                exact2!(
                    $T,
                    "from_euler_angles",
                    roll,
                    pitch,
                    |x, y| at.local(&<$t>::from_euler_angles(*x, *y, yaw)),
                    |g, dx, dy| {
                        let args = (Val(x), Val(y), Val(&yaw));
                        let (_, (x, y, ())) =
                            peel(&at).ad_from_euler_angles(args, (), g, Skip, (dx, dy, Skip));
                        (x, y)
                    }
                );
                exact1!(
                    $T,
                    "from_euler_angles",
                    yaw,
                    |z| at.local(&<$t>::from_euler_angles(roll, pitch, *z)),
                    |g, dz| {
                        let args = (Val(&roll), Val(&pitch), Val(z));
                        peel(&at)
                            .ad_from_euler_angles(args, (), g, Skip, (Skip, Skip, dz))
                            .1
                            .2
                    }
                );
                unary!(
                    $T,
                    at,
                    |x| x.euler_angles(),
                    ad_euler_angles & x.euler_angles()
                );
                let (r, s) = (<$t>::new(v), <$t>::new(v) * <$t>::new(scaled(seed % 4 + 4)));
                any_rotation!($T, r, s, 3, seed);
                let turned = <$t>::new(w + fixed::<$T, 3, 1>(2));
                unary!($T, turned, |x| x.angle(), ad_angle);
            }
        };
    }

    pub(super) fn rotations_of_space<T: Real>() {
        in_space!(T, Rotation3<T>);
    }

    pub(super) fn quaternion_rotations<T: Real>() {
        in_space!(T, UnitQuaternion<T>);
    }

    macro_rules! in_the_plane {
        ($T:ty, $t:ty) => {
            for seed in 0..8 {
                let (a, b) = (number::<$T>(seed), number::<$T>(seed + 5));
                made!($T, a, |x| <$t>::new(*x), ad_new);
                made!(
                    $T,
                    vector![a],
                    |x| <$t>::from_scaled_axis(*x),
                    ad_from_scaled_axis
                );
                unary!($T, <$t>::new(a), |x| x.angle(), ad_angle);
                any_rotation!(
                    $T,
                    <$t>::new(a),
                    <$t>::new(a + b * <$T>::ad_from_f64(0.5)),
                    2,
                    seed
                );
            }
        };
    }

    pub(super) fn rotations_of_the_plane<T: Real>() {
        in_the_plane!(T, Rotation2<T>);
    }

    pub(super) fn complex_rotations<T: Real>() {
        in_the_plane!(T, UnitComplex<T>);
        made!(
            T,
            number::<T>(3),
            |x| UnitComplex::from_angle(*x),
            ad_from_angle
        );
    }

    macro_rules! similarities {
        ($T:ty, $t:ty, $n:literal, $seed:expr, $a:expr, $b:expr) => {{
            let (a, b): ($t, $t) = ($a, $b);
            let (v, p) = (fixed::<$T, $n, 1>($seed), point::<$T, $n>($seed + 1));
            let s = number::<$T>($seed).abs() + <$T>::ad_from_f64(0.5);
            curved_operator!($T, a, b, |x, y| x * y, mul);
            curved_operator!($T, a, b.isometry, |x, y| x * y, mul);
            curved_operator!($T, a.isometry, b, |x, y| x * y, mul);
            curved_operator!($T, a, p, |x, y| x * y, mul);
            exact2!($T, "mul", a, v, |x, y| x * y, |g, dx, dy| rt::mul(
                (x, y),
                g,
                dx,
                dy
            ));
            curved2!($T, a, p, |x, y| x.transform_point(y), ad_transform_point);
            curved2!(
                $T,
                a,
                p,
                |x, y| x.inverse_transform_point(y),
                ad_inverse_transform_point
            );
            binary!($T, a, v, |x, y| x.transform_vector(y), ad_transform_vector);
            binary!(
                $T,
                a,
                v,
                |x, y| x.inverse_transform_vector(y),
                ad_inverse_transform_vector
            );
            curved!($T, a, |x| x.inverse(), ad_inverse & x.inverse());
            unary!($T, a, |x| x.scaling(), ad_scaling);
            unary!(
                $T,
                a,
                |x| x.to_homogeneous(),
                ad_to_homogeneous & x.to_homogeneous()
            );
            curved2!($T, a, s, |x, y| x.prepend_scaling(*y), ad_prepend_scaling);
            curved2!($T, a, s, |x, y| x.append_scaling(*y), ad_append_scaling);
            made!($T, s, |x| <$t>::from_scaling(*x), ad_from_scaling);
            made2!(
                $T,
                a.isometry,
                s,
                |x, y| <$t>::from_isometry(*x, *y),
                ad_from_isometry
            );
            let (shift, turn) = (a.isometry.translation, a.isometry.rotation);
            let at = a;
            exact2!(
                $T,
                "from_parts",
                shift,
                s,
                |x, y| at.local(&<$t>::from_parts(*x, turn, *y)),
                |g, dx, dy| {
                    let args = (Val(x), Val(&turn), Val(y));
                    let (_, (x, (), y)) =
                        peel(&at).ad_from_parts(args, (), g, Skip, (dx, Skip, dy));
                    (x, y)
                }
            );
            exact1!(
                $T,
                "from_parts, rotation",
                turn,
                |x| at.local(&<$t>::from_parts(shift, *x, s)),
                |g, dx| {
                    let args = (Val(&shift), Val(x), Val(&s));
                    peel(&at)
                        .ad_from_parts(args, (), g, Skip, (Skip, dx, Skip))
                        .1
                        .1
                }
            );
        }};
    }

    pub(super) fn similarities<T: Real>() {
        let size = |seed: u32| T::ad_from_f64(0.5 + 0.25 * f64::from(seed));
        for seed in 0..8 {
            let (t, v, w) = (
                fixed::<T, 3, 1>(seed),
                scaled::<T>(seed),
                scaled::<T>(seed + 3),
            );
            macro_rules! in_space {
                ($t:ty) => {{
                    let a = <$t>::new(t, v, size(seed));
                    similarities!(T, $t, 3, seed, a, <$t>::new(w, w, size(7 - seed)));
                    let s = size(seed);
                    exact2!(
                        T,
                        "new",
                        t,
                        v,
                        |x, y| a.local(&<$t>::new(*x, *y, s)),
                        |g, dx, dy| {
                            let args = (Val(x), Val(y), Val(&s));
                            let (_, (x, y, ())) =
                                peel(&a).ad_new(args, (), g, Skip, (dx, dy, Skip));
                            (x, y)
                        }
                    );
                    exact1!(
                        T,
                        "new, scaling",
                        s,
                        |x| a.local(&<$t>::new(t, v, *x)),
                        |g, dx| {
                            let args = (Val(&t), Val(&v), Val(x));
                            peel(&a).ad_new(args, (), g, Skip, (Skip, Skip, dx)).1.2
                        }
                    );
                }};
            }
            in_space!(Similarity3<T>);
            in_space!(SimilarityMatrix3<T>);
            let (t, angle, s) = (fixed::<T, 2, 1>(seed), number::<T>(seed), size(seed));
            macro_rules! in_the_plane {
                ($t:ty) => {{
                    let a = <$t>::new(t, angle, s);
                    similarities!(T, $t, 2, seed, a, <$t>::new(t * s, s, size(7 - seed)));
                    exact2!(
                        T,
                        "new",
                        t,
                        angle,
                        |x, y| a.local(&<$t>::new(*x, *y, s)),
                        |g, dx, dy| {
                            let args = (Val(x), Val(y), Val(&s));
                            let (_, (x, y, ())) =
                                peel(&a).ad_new(args, (), g, Skip, (dx, dy, Skip));
                            (x, y)
                        }
                    );
                }};
            }
            in_the_plane!(Similarity2<T>);
            in_the_plane!(SimilarityMatrix2<T>);
        }
    }

    pub(super) fn interpolations<T: Real>() {
        for seed in 0..8 {
            let (a, mut b) = (fixed::<T, 3, 1>(seed), fixed::<T, 3, 1>(seed + 9));
            let t = T::ad_from_f64(0.25 + 0.0625 * f64::from(seed));
            if seed % 2 == 1 {
                // Nearly the same direction, and the same.
                b = a * T::ad_from_f64(2.0)
                    + b * T::ad_from_f64(if seed == 1 { 0.0 } else { 0.125 });
            }
            macro_rules! slerp {
                ($a:expr, $b:expr) => {
                    exact2!(T, "slerp", $a, $b, |x, y| x.slerp(y, t), |g, dx, dy| {
                        let args = (Val(y), Val(&t));
                        let (x, (y, ())) = peel(x).ad_slerp(args, (), g, dx, (dy, Skip));
                        (x, y)
                    });
                    exact1!(T, "slerp, t", t, |t| $a.slerp(&$b, *t), |g, dt| {
                        let args = (Val(&$b), Val(t));
                        peel(&$a).ad_slerp(args, (), g, Skip, (Skip, dt)).1.1
                    });
                };
            }
            // Where nalgebra takes the cosine for 1, its value does not see the arguments.
            if seed != 1 {
                slerp!(a, b);
                let (a, b) = (a.as_slice().to_vec(), b.as_slice().to_vec());
                let (a, b) = (nalgebra_vector(a), nalgebra_vector(b));
                slerp!(a, b);
            }
            if seed == 1 {
                // Of vectors in one direction it is, to first order, the line between them.
                let g = fixed::<T, 3, 1>(5);
                let (got, ..) = peel(&a).ad_slerp((Val(&b), Val(&t)), (), &g, Fresh, (Skip, Skip));
                let u = a.normalize();
                let line = (g - u * u.dot(&g)) * ((T::one() - t) / a.norm());
                assert_close("slerp of one direction", &got, &line, 1e-6);
            }
            let (u, v) = (Unit::new_normalize(a), Unit::new_normalize(b));
            let expected = peel(&a).ad_slerp((Val(&b), Val(&t)), (), &a, Fresh, (Fresh, Fresh));
            let of_units = peel(&u).ad_slerp((Val(&v), Val(&t)), (), &a, Fresh, (Fresh, Fresh));
            let along =
                |g: Vector3<T>, u: &Vector3<T>, v: &Vector3<T>| (g - u * u.dot(&g)) / v.norm();
            assert_close("slerp", &along(of_units.0, &u, &a), &expected.0, 1e-5);
            assert_close("slerp", &along(of_units.1.0, &v, &b), &expected.1.0, 1e-5);
            assert_close("slerp", &of_units.1.1, &expected.1.1, 1e-5);

            let (p, q) = (quaternion::<T>(seed), quaternion::<T>(seed + 9));
            let (u, v) = (
                UnitQuaternion::new_normalize(p),
                UnitQuaternion::new_normalize(q),
            );
            exact2!(T, "lerp", p, q, |x, y| x.lerp(y, t), |g, dx, dy| {
                let (x, (y, ())) = peel(x).ad_lerp((Val(y), Val(&t)), (), g, dx, (dy, Skip));
                (x, y)
            });
            exact1!(T, "lerp, t", t, |t| p.lerp(&q, *t), |g, dt| {
                peel(&p)
                    .ad_lerp((Val(&q), Val(t)), (), g, Skip, (Skip, dt))
                    .1
                    .1
            });
            exact2!(T, "lerp", u, v, |x, y| x.lerp(y, t), |g, dx, dy| {
                let (x, (y, ())) = peel(x).ad_lerp((Val(y), Val(&t)), (), g, dx, (dy, Skip));
                (x, y)
            });
            exact1!(T, "lerp, t", t, |t| u.lerp(&v, *t), |g, dt| {
                peel(&u)
                    .ad_lerp((Val(&v), Val(t)), (), g, Skip, (Skip, dt))
                    .1
                    .1
            });
            let at = u.nlerp(&v, t);
            exact2!(
                T,
                "nlerp",
                u,
                v,
                |x, y| at.local(&x.nlerp(y, t)),
                |g, dx, dy| {
                    let args = (Val(y), Val(&t));
                    let (x, (y, ())) = peel(x).ad_nlerp(args, &x.nlerp(y, t), g, dx, (dy, Skip));
                    (x, y)
                }
            );
            exact1!(T, "nlerp, t", t, |t| at.local(&u.nlerp(&v, *t)), |g, dt| {
                let args = (Val(&v), Val(t));
                peel(&u)
                    .ad_nlerp(args, &u.nlerp(&v, *t), g, Skip, (Skip, dt))
                    .1
                    .1
            });
        }
    }

    fn nalgebra_vector<T: Real>(entries: Vec<T>) -> DVector<T> {
        entries.into()
    }

    fn quaternion<T: Real>(seed: u32) -> Quaternion<T> {
        let one = Quaternion::from_real(T::ad_from_f64(4.0));
        Quaternion::from(fixed::<T, 4, 1>(seed)) + one
    }

    pub(super) fn frames<T: Real>() {
        for seed in 0..8 {
            let (d, up) = (fixed::<T, 3, 1>(seed), fixed::<T, 3, 1>(seed + 5));
            let (eye, target) = (point::<T, 3>(seed + 1), point::<T, 3>(seed + 2));
            macro_rules! rotations {
                ($t:ty, $p:ty) => {
                    made2!(T, d, up, |x, y| <$t>::face_towards(x, y), ad_face_towards);
                    made2!(T, d, up, |x, y| <$t>::look_at_rh(x, y), ad_look_at_rh);
                    made2!(T, d, up, |x, y| <$t>::look_at_lh(x, y), ad_look_at_lh);
                    poses!($p, face_towards ad_face_towards look_at_rh ad_look_at_rh look_at_lh ad_look_at_lh);
                    let at = <$t>::rotation_between(&d, &up).unwrap();
                    exact2!(T, "rotation_between", d, up, |x, y| {
                        <$t>::rotation_between(x, y).map(|it| at.local(&it))
                    }, |g, dx, dy| {
                        let at = <$t>::rotation_between(x, y);
                        peel(&at).ad_rotation_between((Val(x), Val(y)), (), g, Skip, (dx, dy)).1
                    });
                    let r = <$t>::new(scaled::<T>(seed % 5 + 3));
                    let parts = |r: &$t| r.axis_angle().map(|(axis, angle)| (axis.into_inner(), angle));
                    exact1!(T, "axis_angle", r, |x| parts(x), |g, dx| {
                        peel(x).ad_axis_angle((), &x.axis_angle(), g, dx, ()).0
                    });
                    exact1!(T, "axis", r, |x| x.axis().map(|axis| axis.into_inner()), |g, dx| {
                        peel(x).ad_axis((), &x.axis(), g, dx, ()).0
                    });
                };
            }
            macro_rules! poses {
                ($p:ty, $($name:ident $rule:ident)*) => { $(
                    let at = <$p>::$name(&eye, &target, &up);
                    exact2!(T, stringify!($name), eye, target, |x, y| at.local(&<$p>::$name(x, y, &up)), |g, dx, dy| {
                        let args = (Val(x), Val(y), Val(&up));
                        let (_, (x, y, ())) = peel(&at).$rule(args, (), g, Skip, (dx, dy, Skip));
                        (x, y)
                    });
                    exact1!(T, "up", up, |x| at.local(&<$p>::$name(&eye, &target, x)), |g, dx| {
                        let args = (Val(&eye), Val(&target), Val(x));
                        peel(&at).$rule(args, (), g, Skip, (Skip, Skip, dx)).1.2
                    });
                )* };
            }
            rotations!(Rotation3<T>, IsometryMatrix3<T>);
            rotations!(UnitQuaternion<T>, Isometry3<T>);
        }
    }

    pub(super) fn rotation_matrices<T: Real>() {
        for seed in 0..8 {
            let (q, c) = (
                UnitQuaternion::new(scaled::<T>(seed)),
                UnitComplex::new(number::<T>(seed)),
            );
            let (r, s) = (
                Rotation3::new(scaled::<T>(seed)),
                Rotation2::new(number::<T>(seed)),
            );
            curved!(T, q, |x| x.to_rotation_matrix(), ad_to_rotation_matrix);
            curved!(T, c, |x| x.to_rotation_matrix(), ad_to_rotation_matrix);
            curved!(T, q, |x| x.conjugate(), ad_conjugate);
            curved!(T, c, |x| x.conjugate(), ad_conjugate);
            curved!(T, r, |x| x.transpose(), ad_transpose);
            curved!(T, s, |x| x.transpose(), ad_transpose);
            made!(
                T,
                r,
                |x| UnitQuaternion::from_rotation_matrix(x),
                ad_from_rotation_matrix
            );
            made!(
                T,
                s,
                |x| UnitComplex::from_rotation_matrix(x),
                ad_from_rotation_matrix
            );
            unary!(T, r, |x| *x.matrix(), ad_matrix);
            unary!(T, s, |x| *x.matrix(), ad_matrix);
            unary!(T, r, |x| x.into_inner(), ad_into_inner);
            exact2!(
                T,
                "mul",
                r,
                fixed::<T, 3, 2>(seed),
                |x, y| x * y,
                |g, dx, dy| rt::mul((x, y), g, dx, dy)
            );
            // There and back again.
            let at = r;
            exact1!(
                T,
                "from_matrix_unchecked",
                r,
                |x| at.local(&Rotation::from_matrix_unchecked(*x.matrix())),
                |g, dx| {
                    let m = *x.matrix();
                    let ((), (to_m,)) =
                        peel(&at).ad_from_matrix_unchecked((Val(&m),), (), g, Skip, (Fresh,));
                    peel(x).ad_matrix((), (), &to_m, dx, ()).0
                }
            );
            let at = s;
            exact1!(
                T,
                "from_matrix_unchecked",
                s,
                |x| at.local(&Rotation::from_matrix_unchecked(*x.matrix())),
                |g, dx| {
                    let m = *x.matrix();
                    let ((), (to_m,)) =
                        peel(&at).ad_from_matrix_unchecked((Val(&m),), (), g, Skip, (Fresh,));
                    peel(x).ad_matrix((), (), &to_m, dx, ()).0
                }
            );
        }
    }

    macro_rules! poses {
        ($T:ty, $n:literal, $pose:ty, $rotation:ty, $argument:expr) => {
            for seed in 0..8 {
                let argument = $argument;
                let (v, p) = (fixed::<$T, $n, 1>(seed + 1), point::<$T, $n>(seed + 2));
                let (a, b) = (
                    <$pose>::new(fixed::<$T, $n, 1>(seed), argument(seed)),
                    <$pose>::new(v, argument(seed + 5)),
                );
                let (r, t): ($rotation, _) =
                    (<$rotation>::new(argument(seed + 3)), Translation::from(v));
                curved_operator!($T, a, b, |x, y| x * y, mul);
                curved_operator!($T, a, p, |x, y| x * y, mul);
                exact2!($T, "mul", a, v, |x, y| x * y, |g, dx, dy| rt::mul(
                    (x, y),
                    g,
                    dx,
                    dy
                ));
                let unit = Unit::new_normalize(v);
                exact1!($T, "mul", a, |x| (x * unit).into_inner(), |g, dx| rt::mul(
                    (x, &unit),
                    g,
                    dx,
                    Skip
                )
                .0);
                curved_operator!($T, a, t, |x, y| x * y, mul);
                curved_operator!($T, t, a, |x, y| x * y, mul);
                curved_operator!($T, a, r, |x, y| x * y, mul);
                curved_operator!($T, r, a, |x, y| x * y, mul);
                curved_operator!($T, r, t, |x, y| x * y, mul);
                curved_operator!($T, t, r, |x, y| x * y, mul);
                binary!($T, a, v, |x, y| x.transform_vector(y), ad_transform_vector);
                binary!(
                    $T,
                    a,
                    v,
                    |x, y| x.inverse_transform_vector(y),
                    ad_inverse_transform_vector
                );
                curved2!($T, a, p, |x, y| x.transform_point(y), ad_transform_point);
                curved2!(
                    $T,
                    a,
                    p,
                    |x, y| x.inverse_transform_point(y),
                    ad_inverse_transform_point
                );
                curved2!($T, a, b, |x, y| x.inv_mul(y), ad_inv_mul);
                curved!($T, a, |x| x.inverse(), ad_inverse & x.inverse());
                unary!(
                    $T,
                    a,
                    |x| x.to_homogeneous(),
                    ad_to_homogeneous & x.to_homogeneous()
                );
                unary!($T, a, |x| x.to_matrix(), ad_to_matrix);
                made2!($T, v, argument(seed), |x, y| <$pose>::new(*x, *y), ad_new);
                made2!($T, t, r, |x, y| Isometry::from_parts(*x, *y), ad_from_parts);
                made!($T, argument(seed), |x| <$pose>::rotation(*x), ad_rotation);
            }
        };
    }

    pub(super) fn poses_of_space<T: Real>() {
        poses!(T, 3, Isometry3<T>, UnitQuaternion<T>, scaled::<T>);
        (0..8).for_each(translations_of_space::<T>);
    }

    fn translations_of_space<T: Real>(seed: u32) {
        let z = number::<T>(seed);
        let at = Isometry3::translation(z, z, z);
        exact2!(
            T,
            "translation",
            z,
            z,
            |x, y| at.local(&Isometry3::translation(*x, *y, z)),
            |g, dx, dy| {
                let ((), (x, y, ())) = peel(&at).ad_translation(
                    (Val(x), Val(y), Val(&z)),
                    (),
                    g,
                    Skip,
                    (dx, dy, Skip),
                );
                (x, y)
            }
        );
    }

    pub(super) fn matrix_poses_of_space<T: Real>() {
        poses!(T, 3, IsometryMatrix3<T>, Rotation3<T>, scaled::<T>);
    }

    pub(super) fn poses_of_the_plane<T: Real>() {
        poses!(T, 2, Isometry2<T>, UnitComplex<T>, number::<T>);
        let z = T::one();
        made2!(
            T,
            z,
            z,
            |x, y| Isometry2::translation(*x, *y),
            ad_translation
        );
    }

    pub(super) fn matrix_poses_of_the_plane<T: Real>() {
        poses!(T, 2, IsometryMatrix2<T>, Rotation2<T>, number::<T>);
    }
}

// === conventions ===

/// Near the bound below which the weights are series: the closed form, which has nine digits left there.
#[test]
fn slerp_of_nearby_directions() {
    for theta in [0.002, 0.003, 0.0039, 0.0041, 0.006_f64] {
        let (sin, cos) = theta.sin_cos();
        let (a, b) = (Vector3::x(), vector![cos, sin, 0.0]);
        let (u, v) = (Unit::new_unchecked(a), Unit::new_unchecked(b));
        for t in [0.1, 0.25, 0.8] {
            let weight = |k: f64| {
                let (s, c) = (k * theta).sin_cos();
                (s / sin, (s * cos - k * c * sin) / sin.powi(3))
            };
            let ((to_a, slope_a), (to_b, slope_b)) = (weight(1.0 - t), weight(t));
            for g in [vector![1.0, 0.5, 0.25], vector![-0.5, 2.0, 1.0]] {
                let (got_a, (got_b, ())) =
                    peel(&u).ad_slerp((Val(&v), Val(&t)), (), &g, Fresh, (Fresh, Skip));
                let to_cos = g.dot(&a) * slope_a + g.dot(&b) * slope_b;
                assert_close("slerp", &got_a, &(g * to_a + b * to_cos), 1e-9);
                assert_close("slerp", &got_b, &(g * to_b + a * to_cos), 1e-9);
            }
        }
    }
}

/// The gradient of an angle between two rotations points along the geodesic: a step of its length goes all the way.
#[test]
fn descent_on_rotations() {
    let (start, goal) = (
        UnitQuaternion::new(vector![0.3, -0.5, 0.8]),
        UnitQuaternion::new(vector![-1.0, 0.2, 0.4]),
    );
    let distance = start.angle_to(&goal);
    let (gradient, _) = peel(&start).ad_angle_to((Val(&goal),), (), &1.0, Fresh, (Skip,));
    let there = start.ad_step(&gradient, -distance);
    assert!(there.angle_to(&goal) < 1e-7, "{there} is not {goal}");
}

/// The field of the gradient is the gradient of the field.
#[test]
fn fields_of_poses() {
    let pose = Isometry3::new(vector![1.0, 2.0, 3.0], vector![0.1, 0.2, 0.3]);
    let p = Point3::new(1.0, -1.0, 2.0);
    let g = PointTangent {
        coords: vector![1.0, 0.5, -1.0],
    };
    let (to_pose, ()) = rt::mul((&pose, &p), &g, Fresh, Skip);
    let (to_rotation, ()) = rt::mul((&pose.rotation, &p), &g, Fresh, Skip);
    assert_eq!(to_pose.rotation, to_rotation);
    assert_eq!(to_pose.translation.vector, g.coords);
}

/// The exponential near zero, where its coefficients are had from a series, and beyond.
#[test]
fn small_angles() {
    for size in [0.0, 1e-12, 1e-6, 1e-3, 0.316, 0.3163] {
        let v = vector![1.0, 2.0, -2.0] * (size / 3.0);
        let g = vector![0.5, 1.0, 0.25];
        let r = UnitQuaternion::new(v);
        let (to_v, ()) = peel(&r).ad_scaled_axis((), &r.scaled_axis(), &g, Fresh, ());
        let ((), (back,)) = peel(&r).ad_new((Val(&v),), (), &to_v, Skip, (Fresh,));
        // One is the inverse of the other.
        assert_close("there and back", &back, &g, 1e-12);
    }
    let identity = Rotation3::<f64>::identity();
    assert_eq!(
        peel(&identity).ad_angle((), (), &1.0, Fresh, ()).0,
        Vector3::zeros()
    );
    let _ = (
        Matrix3::<f64>::identity(),
        Vector4::<f64>::zeros(),
        SVector::<f64, 2>::zeros(),
    );
    let _ = AbstractRotation::<f64, 3>::inverse(&identity);
}
