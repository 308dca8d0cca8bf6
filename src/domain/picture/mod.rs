//! What a picture looks like, in figures, and what is wrong with it. Measured in a decode worker
//! on the planes of a keyframe that is decoded anyway; judged by the desk against references that
//! are learnt per camera.

#[cfg(test)]
mod drawn;
mod grid;
mod judge;
mod measure;

pub use self::{
    judge::{Finding, Judge, Light, PicturePolicy, ReferenceCommand, References, Sight},
    measure::{Measures, Planes, measure},
};
